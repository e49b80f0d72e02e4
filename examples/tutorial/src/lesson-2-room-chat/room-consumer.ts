import { encoders, WebSocketConsumer } from "@multichat/channels";
import { roomGroup } from "./room-group.ts";

/** The events of a room. The type of an event selects its handler. */
export type RoomEvents = {
  "room.message": { text: string };
};

/**
 * Lesson 2: a room for every name. A connection to `/ws/room/games` joins the group of that room; a message to the group
 * reaches every connection in it, in this process and in all others on the same layer.
 */
export class RoomConsumer extends WebSocketConsumer<RoomEvents, { params: { room: string } }> {
  static override layer = "chat";

  // A pure function from event to frame: it runs once per message, however many members the room has.
  static override encoders = encoders<RoomEvents>({
    "room.message": ({ text }) => text,
  });

  override async connect(): Promise<void> {
    await this.groupAdd(roomGroup(this.room));
    this.accept();
    await this.broadcast(`🚪 Someone joined room '${this.room}'`);
  }

  override async receive(text: string): Promise<void> {
    await this.broadcast(`💬 ${text}`);
  }

  // Runs however the connection ends. Afterwards the framework removes it from its groups.
  override async disconnect(): Promise<void> {
    await this.broadcast(`👋 Someone left room '${this.room}'`);
  }

  /** Typed from the route: `/ws/room/:room`. */
  get room(): string {
    return this.scope.params.room;
  }

  async broadcast(text: string): Promise<void> {
    await this.groupSend(roomGroup(this.room), { type: "room.message", text });
  }
}
