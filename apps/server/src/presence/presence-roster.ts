import type { PresenceStatus } from "@multichat/protocol";

/** From most to least active. A user who is `offline`, or invisible, is in none of the groups. */
export const VISIBLE_STATUSES = ["online", "busy", "away"] as const satisfies readonly PresenceStatus[];
export type VisibleStatus = (typeof VISIBLE_STATUSES)[number];

/** The part of the framework's presence that is used: the members of groups, over all processes that share it. */
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

/** Users of each status that are kept in memory. More cannot be online, or are made up in Redis. */
const MAX_USERS = 200_000;
/** Texts of one user's devices with one status; more devices cannot be connected, or are made up in Redis. */
const MAX_TEXTS_PER_USER = 100;
/** UTF-16 units of the longest id of an account. */
const MAX_USER_CHARS = 64;

export interface PresenceRosterOptions {
  /** Whether a text can be the status text of a device. @default every text can */
  readonly isText?: ((text: string) => boolean) | undefined;
  /** Called with the users who joined, left or changed in any process. */
  readonly onChange: (users: ReadonlySet<string>) => void;
  readonly onError: (error: unknown) => void;
  /** Users of each status that are taken from other processes. @default 200_000 */
  readonly maxUsers?: number;
}

/** The group of each status. A user's status is that of the most active group that they are in. */
const GROUPS: Readonly<Record<VisibleStatus, string>> = {
  online: "presence.online",
  busy: "presence.busy",
  away: "presence.away",
};

/**
 * Returns the member of a group for a user and the text of one of their devices, so that every process knows the text as well.
 * The longest id and the longest text (in UTF-16 units) stay below the 200 characters that a member may have.
 */
const toMember = (user: string, text: string): string => (text === "" ? user : `${user} ${text}`);
const userOf = (member: string): string => member.split(" ", 1)[0] ?? member;
const textOf = (member: string): string => member.slice(userOf(member).length + 1);

/** The users online in all processes, by status: a copy of the presence groups that can be read without waiting. */
export class PresenceRoster {
  readonly #groups: PresenceGroups;
  readonly #onError: (error: unknown) => void;
  readonly #isText: (text: string) => boolean;
  readonly #maxUsers: number;
  /** The members of each user in each group, in the order of joining. Lists: most users have one. */
  readonly #members = new Map<VisibleStatus, Map<string, readonly string[]>>(
    VISIBLE_STATUSES.map((status) => [status, new Map()]),
  );
  readonly #watches: Promise<{ stop(): Promise<void> } | undefined>[];

  constructor(
    groups: PresenceGroups,
    { onChange, onError, isText = () => true, maxUsers = MAX_USERS }: PresenceRosterOptions,
  ) {
    this.#groups = groups;
    this.#isText = isText;
    this.#maxUsers = maxUsers;
    this.#onError = onError;
    this.#watches = VISIBLE_STATUSES.map(async (status) => {
      try {
        const watch = await groups.watch(GROUPS[status], ({ joined, left }) => {
          for (const member of joined) this.#addForeign(status, member);
          for (const member of left) this.#remove(status, member);
          onChange(new Set([...joined, ...left].map(userOf)));
        });
        for (const member of watch.members) this.#addForeign(status, member);
        return watch;
      } catch (error) {
        onError(error);
        return undefined;
      }
    });
  }

  /** Adds a connection to the group of a status. Never rejects: presence keeps what it could not store and retries. */
  async join(status: VisibleStatus, user: string, text: string, channel: string): Promise<void> {
    // Visible to this process at once, and to the others with the next update.
    this.#add(status, toMember(user, text));
    await this.#try(() => this.#groups.join(GROUPS[status], toMember(user, text), channel));
  }

  /** Removes a connection from the group of a status, without a grace period: its user has changed it. Never rejects. */
  async leave(status: VisibleStatus, user: string, text: string, channel: string): Promise<void> {
    const member = toMember(user, text);
    await this.#try(async () => {
      await this.#groups.leave(GROUPS[status], channel);
      await this.#removeUnlessPresent(status, member);
    });
  }

  /** Forgets a text in whose place a device has another one, with the same status. Never rejects. */
  async forgetText(status: VisibleStatus, user: string, text: string): Promise<void> {
    await this.#try(() => this.#removeUnlessPresent(status, toMember(user, text)));
  }

  /** Removes a closed connection. Its user stays for the grace period. Never rejects. */
  async disconnect(channel: string): Promise<void> {
    await this.#try(() => this.#groups.disconnect(channel));
  }

  has(status: VisibleStatus, user: string): boolean {
    return this.#members.get(status)?.has(user) === true;
  }

  /** Returns the latest text of the user's devices with this status. */
  text(status: VisibleStatus, user: string): string {
    return textOf(this.#members.get(status)?.get(user)?.at(-1) ?? user);
  }

  async close(): Promise<void> {
    for (const watch of await Promise.all(this.#watches)) await watch?.stop();
    await this.#groups.close();
  }

  /** A member that joined and left within one window is reported by no update. */
  async #removeUnlessPresent(status: VisibleStatus, member: string): Promise<void> {
    if (!(await this.#groups.has(GROUPS[status], member))) this.#remove(status, member);
  }

  async #try(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Adds a member that Redis reports, unless no server can have added it. */
  #addForeign(status: VisibleStatus, member: string): void {
    const user = userOf(member);
    const known = this.#members.get(status);
    if (user === "" || user.length > MAX_USER_CHARS || !this.#isText(textOf(member))) return;
    const texts = known?.get(user);
    const isFull =
      texts === undefined
        ? (known?.size ?? 0) >= this.#maxUsers
        : texts.length >= MAX_TEXTS_PER_USER && !texts.includes(member);
    if (isFull) return;
    this.#add(status, member);
  }

  #add(status: VisibleStatus, member: string): void {
    const users = this.#members.get(status);
    const members = users?.get(userOf(member)) ?? [];
    if (!members.includes(member)) users?.set(userOf(member), members.concat([member]));
  }

  #remove(status: VisibleStatus, member: string): void {
    const users = this.#members.get(status);
    const members = users?.get(userOf(member));
    if (members?.includes(member) !== true) return;
    const others = members.filter((other) => other !== member);
    if (others.length > 0) users?.set(userOf(member), others);
    else users?.delete(userOf(member));
  }
}
