import type { OutboxMessage } from "../../model/outbox-message.ts";
import type { TimelineItem } from "../../model/room-snapshot.ts";
import type { OptimisticChanges } from "./optimistic-changes.ts";
import type { Timeline } from "./timeline.ts";

/** The items of a room as they are shown: the timeline with the user's optimistic changes, followed by the unsent messages. */
export class RoomItems {
  readonly #changes: OptimisticChanges;
  /** The timeline's items; undefined when they have to be computed again. */
  #loaded: readonly TimelineItem[] | undefined;
  readonly #pendingItems = new WeakMap<OutboxMessage, TimelineItem>();

  constructor(changes: OptimisticChanges) {
    this.#changes = changes;
  }

  /** The timeline or the optimistic changes have changed. */
  invalidate(): void {
    this.#loaded = undefined;
  }

  get(timeline: Timeline | undefined, unsent: readonly OutboxMessage[]): readonly TimelineItem[] {
    this.#loaded ??= this.#compute(timeline);
    if (unsent.length === 0) return this.#loaded;
    return [...this.#loaded, ...unsent.map((message) => this.#pendingItem(message))];
  }

  #compute(timeline: Timeline | undefined): readonly TimelineItem[] {
    const items = timeline?.items() ?? [];
    return this.#changes.isEmpty ? items : items.map((item) => this.#withChanges(item));
  }

  #withChanges(item: TimelineItem): TimelineItem {
    if (item.kind !== "message") return item;
    const message = this.#changes.applyTo(item.message);
    return message === item.message ? item : { ...item, message };
  }

  /** Returns the same item for the same message, so that a UI can compare items by identity. */
  #pendingItem(pending: OutboxMessage): TimelineItem {
    let item = this.#pendingItems.get(pending);
    if (item === undefined) {
      item = { kind: "pending", key: pending.clientId, pending };
      this.#pendingItems.set(pending, item);
    }
    return item;
  }
}
