import type { AnyEventOf, ChannelLayer } from "@multichat/channels";
import type { LogEvent } from "@multichat/protocol";
import type { ChatEvents } from "../fan-out/chat-events.ts";
import { roomGroup } from "../fan-out/chat-groups.ts";
import { GroupListener } from "../fan-out/group-listener.ts";
import type { BroadcastLayer } from "../fan-out/layer-broadcasts.ts";

/** Events that are told one by one; with more missing, the last one shows whoever hears it that something is. */
const MAX_REPLAYED_EVENTS = 500;

export interface MissedEventReplayerOptions {
  readonly layer: ChannelLayer & BroadcastLayer;
  /** What happened in a room after a seq; undefined where that is more than so many. */
  readonly eventsSince: (room: string, since: number, limit: number) => Promise<readonly LogEvent[] | undefined>;
  readonly onError: (error: unknown) => void;
  /** Milliseconds that the layer has, after the database has told of an event. @default 1_000 */
  readonly replayDelayMs?: number;
}

interface WatchedRoom {
  watchers: number;
  /** The newest seq that was heard here; 0: none was. */
  receivedSeq: number;
  committedSeq: number;
  number: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * What another process has committed and the layer does not bring (it lost it, or is away, or the other died before it told)
 * is told from the log, to this process's own connections. The database says of every room how far its log has grown; a
 * room in which nobody here is costs nothing.
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
    let hear: MissedEventReplayer["eventReceived"] = () => {};
    const listener = await GroupListener.open(options.layer, {
      name: "logs",
      onMessage: (message) => {
        // Broadcasts send nothing else to rooms.
        const event = message as unknown as AnyEventOf<ChatEvents>;
        if (event.type === "log.event") hear(event.event.room, event.event.seq);
      },
    });
    const watch = new MissedEventReplayer(options, listener);
    hear = (room, seq) => watch.eventReceived(room, seq);
    return watch;
  }

  /** A connection of this process hears the room from now on: to be told before it does. */
  watch({ id, number }: { readonly id: string; readonly number: number }): void {
    const room = this.#rooms.get(id);
    if (room !== undefined) {
      room.watchers += 1;
      return;
    }
    this.#rooms.set(id, { watchers: 1, receivedSeq: 0, committedSeq: 0, number, timer: undefined });
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

  /** Another process's commits have brought a room's log up to here. */
  logCommitted(id: string, seq: number): void {
    const room = this.#rooms.get(id);
    if (room === undefined || seq <= room.committedSeq) return;
    room.committedSeq = seq;
    if (seq > room.receivedSeq) this.#scheduleReplay(id, room);
  }

  /** The layer has brought an event. */
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
    const { committedSeq: wanted, receivedSeq: heard } = room;
    // Of a room in which nothing was heard yet, what came before was read by whoever came in.
    const since = heard === 0 || wanted - heard > MAX_REPLAYED_EVENTS ? wanted - 1 : heard;
    const missed = (await this.#options.eventsSince(id, since, MAX_REPLAYED_EVENTS + 1)) ?? [];
    for (const event of missed) {
      // Heard meanwhile, or gone.
      if (event.seq > wanted || event.seq <= room.receivedSeq || this.#rooms.get(id) !== room) continue;
      await this.#sendLocally(id, { type: "log.replayed", event, number: room.number });
    }
    this.eventReceived(id, wanted);
  }

  async #sendLocally(id: string, event: AnyEventOf<ChatEvents>): Promise<void> {
    const { layer } = this.#options;
    await (layer.groupSendLocal?.(roomGroup(id), event) ?? layer.groupSend(roomGroup(id), event));
  }
}
