import type { AnyEventOf, ChannelLayer } from "@multichat/channels";
import type { LogEvent } from "@multichat/protocol";
import type { ChatEvents } from "../fan-out/chat-events.ts";
import { roomGroup } from "../fan-out/chat-groups.ts";
import { GroupListener } from "../fan-out/group-listener.ts";
import type { BroadcastLayer } from "../fan-out/layer-broadcasts.ts";

/** With more events missing, only the last is replayed: it shows the gap to every client, which then fetches the rest. */
const MAX_REPLAYED_EVENTS = 500;

export interface MissedEventReplayerOptions {
  readonly layer: ChannelLayer & BroadcastLayer;
  /** Reads a room's events after a seq; undefined where there are more than `limit`. */
  readonly eventsSince: (room: string, since: number, limit: number) => Promise<readonly LogEvent[] | undefined>;
  readonly onError: (error: unknown) => void;
  /** How long the layer may take to deliver an event after the database has reported it. @default 1_000 */
  readonly replayDelayMs?: number;
}

interface WatchedRoom {
  readonly number: number;
  watchers: number;
  /** The newest seq that the layer has delivered; 0 where it has delivered none. */
  receivedSeq: number;
  /** The newest seq that the database has reported. */
  committedSeq: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Replays events that another process has committed and the layer has not delivered, because it lost them, is away, or that
 * process died before it published them. The database reports how far the log of each room has grown; the missing events are
 * read from there and sent to the connections of this process. Rooms without connections here cost nothing.
 */
export class MissedEventReplayer {
  readonly #options: MissedEventReplayerOptions;
  readonly #listener: GroupListener;
  readonly #rooms = new Map<string, WatchedRoom>();

  private constructor(options: MissedEventReplayerOptions, listener: GroupListener) {
    this.#options = options;
    this.#listener = listener;
  }

  static async open(options: MissedEventReplayerOptions): Promise<MissedEventReplayer> {
    let onEvent: MissedEventReplayer["eventReceived"] = () => {};
    const listener = await GroupListener.open(options.layer, {
      name: "logs",
      onMessage: (message) => {
        // Only broadcasts send to room groups, and they send these types.
        const event = message as unknown as AnyEventOf<ChatEvents>;
        if (event.type === "log.event") onEvent(event.event.room, event.event.seq);
      },
    });
    const replayer = new MissedEventReplayer(options, listener);
    onEvent = (room, seq) => replayer.eventReceived(room, seq);
    return replayer;
  }

  /** Adds a connection of this process that is about to join the room's group. Call it before it joins. */
  watch({ id, number }: { readonly id: string; readonly number: number }): void {
    const room = this.#rooms.get(id);
    if (room !== undefined) {
      room.watchers += 1;
      return;
    }
    this.#rooms.set(id, { number, watchers: 1, receivedSeq: 0, committedSeq: 0, timer: undefined });
    this.#listener.join(roomGroup(id)).catch(this.#options.onError);
  }

  unwatch(id: string): void {
    const room = this.#rooms.get(id);
    if (room === undefined) return;
    room.watchers -= 1;
    if (room.watchers > 0) return;
    clearTimeout(room.timer);
    this.#rooms.delete(id);
    this.#listener.leave(roomGroup(id)).catch(this.#options.onError);
  }

  /** Records that another process has committed events of a room up to `seq`. */
  logCommitted(id: string, seq: number): void {
    const room = this.#rooms.get(id);
    if (room === undefined || seq <= room.committedSeq) return;
    room.committedSeq = seq;
    if (seq > room.receivedSeq) this.#scheduleReplay(id, room);
  }

  /** Records that the layer has delivered an event. */
  eventReceived(id: string, seq: number): void {
    const room = this.#rooms.get(id);
    if (room !== undefined && seq > room.receivedSeq) room.receivedSeq = seq;
  }

  renew(): Promise<void> {
    return this.#listener.renew();
  }

  async close(): Promise<void> {
    for (const { timer } of this.#rooms.values()) clearTimeout(timer);
    this.#rooms.clear();
    await this.#listener.close();
  }

  #scheduleReplay(id: string, room: WatchedRoom): void {
    room.timer ??= setTimeout(() => {
      room.timer = undefined;
      if (room.receivedSeq < room.committedSeq) this.#replay(id, room).catch(this.#options.onError);
    }, this.#options.replayDelayMs ?? 1_000);
  }

  async #replay(id: string, room: WatchedRoom): Promise<void> {
    const { committedSeq, receivedSeq } = room;
    // Where the layer has delivered nothing yet, joining connections have read the earlier events themselves.
    const onlyLast = receivedSeq === 0 || committedSeq - receivedSeq > MAX_REPLAYED_EVENTS;
    const since = onlyLast ? committedSeq - 1 : receivedSeq;
    const missed = (await this.#options.eventsSince(id, since, MAX_REPLAYED_EVENTS + 1)) ?? [];
    for (const event of missed) {
      // The layer has delivered it by now, or the last connection has left the room.
      if (event.seq > committedSeq || event.seq <= room.receivedSeq || this.#rooms.get(id) !== room) continue;
      await this.#sendLocally(id, { type: "log.replayed", event, number: room.number });
    }
    this.eventReceived(id, committedSeq);
  }

  async #sendLocally(id: string, event: AnyEventOf<ChatEvents>): Promise<void> {
    const { layer } = this.#options;
    await (layer.groupSendLocal?.(roomGroup(id), event) ?? layer.groupSend(roomGroup(id), event));
  }
}
