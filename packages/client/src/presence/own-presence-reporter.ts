import type { Clock } from "../core/clock.ts";
import { ComputedStore } from "../core/computed-store.ts";
import type { Environment } from "../core/environment.ts";
import type { NotificationBatch } from "../core/notification-batch.ts";
import type { ConnectionScope } from "../transport/connection-scope.ts";
import { ignoreRefusal } from "./ignore-refusal.ts";
import type { OwnPresence } from "./presences.ts";

/** How long a page is hidden before the user counts as away. */
const AWAY_AFTER_MS = 300_000;

const ONLINE: OwnPresence = { status: "online", text: "" };

export interface OwnPresenceOptions {
  readonly clock: Clock;
  readonly batch: NotificationBatch;
  readonly environment: Environment;
}

/** Reports the signed-in user's presence to the server: what the user has set, or `away` while the page is hidden. */
export class OwnPresenceReporter {
  readonly store: ComputedStore<OwnPresence>;
  readonly #options: OwnPresenceOptions;
  #scope: ConnectionScope | undefined;
  #chosen: OwnPresence = ONLINE;
  #isAway = false;
  /** What this connection has reported; every connection begins as `online`, without a text. */
  #reported: OwnPresence = ONLINE;
  #stopAwayTimer: () => void = () => {};
  #unsubscribe: (() => void) | undefined;

  constructor(options: OwnPresenceOptions) {
    this.#options = options;
    this.store = new ComputedStore<OwnPresence>(options.batch, (previous) => {
      const current = this.#current;
      return previous !== undefined && isEqual(previous, current) ? previous : current;
    });
  }

  set(presence: OwnPresence): void {
    this.#chosen = presence;
    this.#report();
  }

  /** Watches whether the page is visible, until `unwatch`. */
  watch(): void {
    const { clock, environment } = this.#options;
    this.#unsubscribe ??= environment.subscribe((change) => {
      if (change === "hidden") {
        this.#stopAwayTimer();
        this.#stopAwayTimer = clock.after(AWAY_AFTER_MS, () => this.#updateAway({ isAway: true }));
      } else if (change === "visible") {
        this.#stopAwayTimer();
        this.#updateAway({ isAway: false });
      }
    });
  }

  unwatch(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = undefined;
    this.#stopAwayTimer();
    this.#updateAway({ isAway: false });
  }

  connected(scope: ConnectionScope): void {
    this.#scope = scope;
    this.#reported = ONLINE;
    this.#report();
  }

  disconnected(): void {
    this.#scope = undefined;
  }

  forget(): void {
    this.#chosen = ONLINE;
    this.store.invalidate();
  }

  get #current(): OwnPresence {
    const { status, text } = this.#chosen;
    return this.#isAway && status === "online" ? { status: "away", text } : this.#chosen;
  }

  #updateAway({ isAway }: { readonly isAway: boolean }): void {
    this.#isAway = isAway;
    this.#report();
  }

  #report(): void {
    this.store.invalidate();
    const current = this.#current;
    if (this.#scope === undefined || isEqual(current, this.#reported)) return;
    this.#reported = current;
    // A report that is lost with the connection is repeated over the next one.
    this.#scope.request("presence.set", current).catch(ignoreRefusal);
  }
}

function isEqual(a: OwnPresence, b: OwnPresence): boolean {
  return a.status === b.status && a.text === b.text;
}
