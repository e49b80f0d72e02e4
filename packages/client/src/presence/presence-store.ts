import type { Presence, PresenceStatus } from "@multichat/protocol";
import type { Clock } from "../core/clock.ts";
import { ComputedStore, type NotificationBatch } from "../core/computed-store.ts";
import type { Environment } from "../core/environment.ts";
import type { Readable } from "../core/readable.ts";
import { CommandError } from "../model/errors.ts";
import type { ConnectionScope } from "../transport/connection-scope.ts";
import type { OwnPresence, Presences } from "./presences.ts";

/** People in one question, by the protocol. */
const PER_QUESTION = 500;
/** People who are remembered without being looked at, at most. */
const REMEMBERED = 1_000;
/** Milliseconds that a page is hidden before the person counts as away. */
const AWAY_AFTER = 300_000;

export interface PresenceHost {
  readonly clock: Clock;
  readonly turn: NotificationBatch;
  readonly environment: Environment;
}

interface Entry {
  readonly view: ComputedStore<Presence | undefined>;
  presence: Presence | undefined;
  /** Counts words of this person: an answer that was asked for before the last of them says nothing. */
  words: number;
}

/** Who is there, of the people whom somebody looks at; and how one is there oneself. */
export class PresenceStore implements Presences {
  readonly #host: PresenceHost;
  readonly #entries = new Map<string, Entry>();
  readonly #toAsk = new Set<string>();
  /** The questions of the connection; undefined while there is none, or it is not known who this is. */
  #asking: ConnectionScope | undefined;
  readonly #mine: ComputedStore<OwnPresence>;
  #wanted: OwnPresence = ONLINE;
  #isAway = false;
  /** What this connection has told; every connection begins as `online`, without a text. */
  #told: OwnPresence = ONLINE;
  #stopAway: () => void = () => {};
  #stopListening: (() => void) | undefined;

  constructor(host: PresenceHost) {
    this.#host = host;
    this.#mine = new ComputedStore<OwnPresence>(host.turn, (before) => {
      const own = this.#own;
      return before !== undefined && same(before, own) ? before : own;
    });
  }

  get own(): Readable<OwnPresence> {
    return this.#mine;
  }

  readonly of = (userId: string): Readable<Presence | undefined> => this.#entry(userId).view;

  readonly set = (status: PresenceStatus, text = ""): void => {
    this.#wanted = { status, text };
    this.#tell();
  };

  /** From now on the page is watched: whether anybody looks at it. */
  watch(): void {
    this.#stopListening ??= this.#host.environment.subscribe((change) => {
      if (change === "hidden") {
        this.#stopAway();
        this.#stopAway = this.#host.clock.after(AWAY_AFTER, () => this.#away(true));
      } else if (change === "visible") {
        this.#stopAway();
        this.#away(false);
      }
    });
  }

  /** The page is not watched any more. */
  unwatch(): void {
    this.#stopListening?.();
    this.#stopListening = undefined;
    this.#stopAway();
    this.#away(false);
  }

  connected(asking: ConnectionScope): void {
    this.#asking = asking;
    this.#told = ONLINE;
    this.#tell();
    for (const [user, { view }] of this.#entries) if (view.isWatched) this.#ask(user);
  }

  disconnected(): void {
    this.#asking = undefined;
    this.#toAsk.clear();
  }

  /** Somebody came, went, or is there otherwise. */
  heard({ user, status, text }: Presence): void {
    const entry = this.#entries.get(user);
    if (entry !== undefined) this.#put(entry, { user, status, text });
  }

  /** Nothing of what was known may be known any more. */
  forget(): void {
    this.#wanted = ONLINE;
    this.#mine.changed();
    for (const [user, entry] of [...this.#entries]) {
      this.#put(entry, undefined);
      if (!entry.view.isWatched) this.#entries.delete(user);
    }
  }

  get #own(): OwnPresence {
    const { status, text } = this.#wanted;
    return this.#isAway && status === "online" ? { status: "away", text } : this.#wanted;
  }

  #away(isAway: boolean): void {
    this.#isAway = isAway;
    this.#tell();
  }

  #tell(): void {
    this.#mine.changed();
    const own = this.#own;
    if (this.#asking === undefined || same(own, this.#told)) return;
    this.#told = own;
    // What is lost with the connection is told again over the next one.
    this.#asking.ask("presence.set", own).catch(unlessRefused);
  }

  #entry(user: string): Entry {
    let entry = this.#entries.get(user);
    if (entry === undefined) {
      this.#forgetOldest();
      const made: Entry = {
        view: new ComputedStore<Presence | undefined>(
          this.#host.turn,
          () => made.presence,
          () => this.#ask(user),
        ),
        presence: undefined,
        words: 0,
      };
      entry = made;
      this.#entries.set(user, entry);
    }
    return entry;
  }

  #forgetOldest(): void {
    if (this.#entries.size < REMEMBERED) return;
    for (const [user, { view }] of this.#entries) {
      if (this.#entries.size < REMEMBERED) return;
      if (!view.isWatched) this.#entries.delete(user);
    }
  }

  #put(entry: Entry, presence: Presence | undefined): void {
    entry.words += 1;
    const before = entry.presence;
    if (before?.status === presence?.status && before?.text === presence?.text) return;
    entry.presence = presence;
    entry.view.changed();
  }

  /** In one question with everybody else who is looked at in this turn. */
  #ask(user: string): void {
    const asking = this.#asking;
    if (asking === undefined) return;
    if (this.#toAsk.size === 0) {
      queueMicrotask(() => {
        const users = [...this.#toAsk];
        this.#toAsk.clear();
        for (let from = 0; from < users.length; from += PER_QUESTION) {
          void this.#askFor(asking, users.slice(from, from + PER_QUESTION));
        }
      });
    }
    this.#toAsk.add(user);
  }

  async #askFor(asking: ConnectionScope, users: readonly string[]): Promise<void> {
    const before = new Map(users.map((user) => [user, this.#entries.get(user)?.words]));
    try {
      const answer = await asking.ask("presence.list", { users });
      if (answer === undefined) return;
      const there = new Map(answer.presences.map((presence) => [presence.user, presence]));
      for (const user of users) {
        const entry = this.#entries.get(user);
        // Told of meanwhile: that is the later word.
        if (entry === undefined || entry.words !== before.get(user)) continue;
        this.#put(entry, there.get(user) ?? { user, status: "offline", text: "" });
      }
    } catch (error) {
      // Not for this person to know: it stays unknown.
      unlessRefused(error);
    }
  }
}

const ONLINE: OwnPresence = { status: "online", text: "" };

function same(a: OwnPresence, b: OwnPresence): boolean {
  return a.status === b.status && a.text === b.text;
}

function unlessRefused(error: unknown): void {
  if (!(error instanceof CommandError)) throw error;
}
