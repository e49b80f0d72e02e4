/**
 * The tabs of one browser that share an outbox. Each tab sends the messages written in it; when a tab is closed, another adopts
 * its messages. Two tabs that adopt the same messages do no harm: the server posts a `clientId` once, and each tab sends a
 * room's messages one after the other in the same order.
 */
export interface Tabs {
  /** The id of this tab. */
  readonly self: string;
  /** Resolves with those of the given tabs that are closed. */
  findClosed(owners: ReadonlySet<string>): Promise<ReadonlySet<string>>;
}

/** The part of the Web Locks API that is used. */
export interface Locks {
  request(name: string, callback: () => Promise<void>): Promise<unknown>;
  query(): Promise<{ readonly held?: readonly { readonly name?: string }[] }>;
}

const LOCK_PREFIX = "multichat-tab:";

/** Detects closed tabs by a lock that each tab holds; the browser releases it when the tab is closed or crashes. */
export function lockedTabs(locks: Locks, self: string): Tabs {
  // A tab without its lock looks closed to the others, so wait for it before looking for closed tabs.
  const ownLock = new Promise<void>((resolve) => {
    locks
      .request(`${LOCK_PREFIX}${self}`, () => {
        resolve();
        return new Promise<never>(() => {});
      })
      // Some embedded pages get no locks: then every tab looks closed to the others.
      .catch(() => resolve());
  });
  return {
    self,
    async findClosed(owners) {
      await ownLock;
      const { held = [] } = await locks.query();
      const open = new Set(held.map(({ name = "" }) => name.slice(LOCK_PREFIX.length)));
      return new Set([...owners].filter((owner) => owner !== self && !open.has(owner)));
    },
  };
}

/** A process with an outbox of its own: the processes that wrote to it before have ended. */
export function singleTab(self: string): Tabs {
  return { self, findClosed: async (owners) => new Set([...owners].filter((owner) => owner !== self)) };
}
