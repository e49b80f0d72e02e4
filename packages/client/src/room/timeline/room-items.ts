import type { OutboxMessage } from "../../model/outbox-message.ts";
import type { TimelineItem } from "../../model/room-snapshot.ts";
import type { OptimisticChanges } from "./optimistic-changes.ts";
import type { Timeline } from "./timeline.ts";

/** The lines of a room as they are shown: what is loaded, with one's own changes on it, then what is not sent yet. */
export class RoomItems {
  readonly #changes: OptimisticChanges;
  #loaded: readonly TimelineItem[] | undefined;
  readonly #pending = new WeakMap<OutboxMessage, TimelineItem>();

  constructor(changes: OptimisticChanges) {
    this.#changes = changes;
  }

  /** What is loaded, or what is changed about it here, is otherwise than before. */
  changed(): void {
    this.#loaded = undefined;
  }

  items(timeline: Timeline | undefined, unsent: readonly OutboxMessage[]): readonly TimelineItem[] {
    this.#loaded ??= this.#load(timeline);
    return unsent.length === 0 ? this.#loaded : [...this.#loaded, ...unsent.map((message) => this.#unsent(message))];
  }

  #load(timeline: Timeline | undefined): readonly TimelineItem[] {
    const items = timeline?.items() ?? [];
    return this.#changes.isEmpty ? items : items.map((item) => this.#withOwnChanges(item));
  }

  #withOwnChanges(item: TimelineItem): TimelineItem {
    if (item.kind !== "message") return item;
    const message = this.#changes.on(item.message);
    return message === item.message ? item : { ...item, message };
  }

  #unsent(pending: OutboxMessage): TimelineItem {
    let item = this.#pending.get(pending);
    if (item === undefined) {
      item = { kind: "pending", key: pending.clientId, pending };
      this.#pending.set(pending, item);
    }
    return item;
  }
}
