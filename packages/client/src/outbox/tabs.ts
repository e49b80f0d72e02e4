/**
 * Who sends what, among the tabs of one browser that share an outbox. Every tab sends what was written in it; when a tab is gone,
 * another adopts what it left. Two that adopt at once do no harm: the server posts a `clientId` once, and each of them
 * sends a room's messages one after the other in the same order.
 */
export interface Tabs {
  readonly self: string;
  /** Those of these tabs that are gone. */
  gone(owners: ReadonlySet<string>): Promise<ReadonlySet<string>>;
}

/** The part of the Web Locks API that is used. */
export interface Locks {
  request(name: string, callback: () => Promise<void>): Promise<unknown>;
  query(): Promise<{ readonly held?: readonly { readonly name?: string }[] }>;
}

const PREFIX = "multichat-tab:";

/** A lock that is held as long as the tab lives tells the others that it does; the browser takes it away at the end, also of a crash. */
export function lockedTabs(locks: Locks, self: string): Tabs {
  // Resolves when the tab has the lock; until then nobody should look for the dead.
  const held = new Promise<void>((resolve) => {
    locks
      .request(`${PREFIX}${self}`, () => {
        resolve();
        return new Promise<never>(() => {});
      })
      // Locks are refused in some embedded pages: then every tab counts as gone to the others.
      .catch(() => resolve());
  });
  return {
    self,
    async gone(owners) {
      await held;
      const { held: locksHeld = [] } = await locks.query();
      const alive = new Set(locksHeld.map(({ name = "" }) => name.slice(PREFIX.length)));
      return new Set([...owners].filter((owner) => owner !== self && !alive.has(owner)));
    },
  };
}

/** One process with an outbox of its own: whoever wrote into it before is gone. */
export function onlyTab(self: string): Tabs {
  return { self, gone: async (owners) => new Set([...owners].filter((owner) => owner !== self)) };
}
