import { encoders, WebSocketConsumer } from "@multichat/channels";
import { roomGroup } from "./room-group.ts";

/** What members of a room send each other. The type of an event says who handles it. */
export type RoomEvents = {
  "room.message": { text: string };
};

/**
 * Lesson 2: a room for every name. Whoever connects to `/ws/room/games` is in the group of that room; a message to the
 * group reaches every connection in it, in this process and in all others on the same layer.
 */
export class RoomConsumer extends WebSocketConsumer<RoomEvents, { params: { room: string } }> {
  static override layer = "chat";

  // A pure function from event to frame: it runs once for a message, however many members the room has.
  static override encoders = encoders<RoomEvents>({
    "room.message": ({ text }) => text,
  });

  override async connect(): Promise<void> {
    await this.groupAdd(roomGroup(this.room));
    this.accept();
    await this.tell(`🚪 Someone joined room '${this.room}'`);
  }

  override async receive(text: string): Promise<void> {
    await this.tell(`💬 ${text}`);
  }

  // Runs however the connection ends. The framework takes it out of its groups afterwards.
  override async disconnect(): Promise<void> {
    await this.tell(`👋 Someone left room '${this.room}'`);
  }

  /** Typed from the route: `/ws/room/:room`. */
  get room(): string {
    return this.scope.params.room;
  }

  async tell(text: string): Promise<void> {
    await this.channelLayer.groupSend(roomGroup(this.room), { type: "room.message", text });
  }
}
