import type { PresenceStatus } from "@multichat/protocol";

/** Liveliest first; `offline`, which is also "invisible", is being in none of the groups. */
export const VISIBLE_STATUSES = ["online", "busy", "away"] as const satisfies readonly PresenceStatus[];
export type VisibleStatus = (typeof VISIBLE_STATUSES)[number];

/** The part of the framework's presence that is used: who is in which group, over all processes that share it. */
export interface PresenceGroups {
  join(group: string, member: string, connection: string): Promise<void>;
  leave(group: string, connection: string): Promise<void>;
  disconnect(connection: string): Promise<void>;
  has(group: string, member: string): Promise<boolean>;
  watch(
    group: string,
    listener: (diff: { readonly joined: readonly string[]; readonly left: readonly string[] }) => void,
  ): Promise<{ readonly members: readonly string[]; stop(): Promise<void> }>;
  close(): Promise<void>;
}

/** One group a status: over all processes, somebody's status is the liveliest group that has them. */
const toGroup = (status: VisibleStatus): string => `here.${status}`;

/**
 * A member of a group is a person with what their device says of itself, so that every process knows the words too. The
 * longest id and the longest text (in UTF-16) make less than the 200 characters that a member may have.
 */
const toMember = (user: string, text: string): string => (text === "" ? user : `${user} ${text}`);
const userOf = (member: string): string => member.split(" ", 1)[0] ?? member;
const textOf = (member: string): string => member.slice(userOf(member).length + 1);

/** Who is there and how, over all processes: what presence tells of its groups, kept here so that asking costs nothing. */
export class PresenceRoster {
  readonly #presence: PresenceGroups;
  readonly #onError: (error: unknown) => void;
  readonly #people = new Map<VisibleStatus, Map<string, Set<string>>>(
    VISIBLE_STATUSES.map((status) => [status, new Map()]),
  );
  readonly #watches: Promise<{ stop(): Promise<void> } | undefined>[];

  /** `changed` is told of everybody who came, went or changed in any process. */
  constructor(
    presence: PresenceGroups,
    changed: (users: ReadonlySet<string>) => void,
    onError: (error: unknown) => void,
  ) {
    this.#presence = presence;
    this.#onError = onError;
    this.#watches = VISIBLE_STATUSES.map(async (status) => {
      try {
        const watch = await presence.watch(toGroup(status), ({ joined, left }) => {
          for (const member of joined) this.#add(status, member);
          for (const member of left) this.#remove(status, member);
          changed(new Set([...joined, ...left].map(userOf)));
        });
        for (const member of watch.members) this.#add(status, member);
        return watch;
      } catch (error) {
        onError(error);
        return undefined;
      }
    });
  }

  /** The connection is there so from now on. Never rejects: what presence did not take it takes when it is back. */
  async join(status: VisibleStatus, user: string, text: string, channel: string): Promise<void> {
    // Here at once, elsewhere a window later: who goes before that is waited for like anybody else.
    this.#add(status, toMember(user, text));
    await this.#try(() => this.#presence.join(toGroup(status), toMember(user, text), channel));
  }

  /** The connection is there in this way no more, by its own word: at once, where no other one is. Never rejects. */
  async leave(status: VisibleStatus, user: string, text: string, channel: string): Promise<void> {
    const member = toMember(user, text);
    await this.#try(async () => {
      await this.#presence.leave(toGroup(status), channel);
      if (!(await this.#presence.has(toGroup(status), member))) this.#remove(status, member);
    });
  }

  /** The connection is gone; its person stays for the grace. Never rejects. */
  async disconnect(channel: string): Promise<void> {
    await this.#try(() => this.#presence.disconnect(channel));
  }

  has(status: VisibleStatus, user: string): boolean {
    return this.#people.get(status)?.has(user) === true;
  }

  /** What a device of that status said last. */
  text(status: VisibleStatus, user: string): string {
    return textOf([...(this.#people.get(status)?.get(user) ?? [])].at(-1) ?? user);
  }

  async close(): Promise<void> {
    for (const watch of await Promise.all(this.#watches)) await watch?.stop();
    await this.#presence.close();
  }

  async #try(say: () => Promise<void>): Promise<void> {
    try {
      await say();
    } catch (error) {
      this.#onError(error);
    }
  }

  #add(status: VisibleStatus, member: string): void {
    const people = this.#people.get(status);
    const members = people?.get(userOf(member)) ?? new Set();
    people?.set(userOf(member), members.add(member));
  }

  #remove(status: VisibleStatus, member: string): void {
    const people = this.#people.get(status);
    const members = people?.get(userOf(member));
    if (members?.delete(member) === true && members.size === 0) people?.delete(userOf(member));
  }
}
