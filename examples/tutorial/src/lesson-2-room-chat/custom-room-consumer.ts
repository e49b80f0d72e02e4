import { encoders, WebSocketConsumer } from "@multichat/channels";
import type { RoomEvents } from "./room-consumer.ts";
import { roomGroup } from "./room-group.ts";

/** The rooms that exist here; every other name is refused at the handshake. */
const allowedRooms: ReadonlySet<string> = new Set(["general", "games", "music"]);
const longestMessage = 500;

/**
 * The room chat, made one's own: a list of allowed rooms, group names of one's own, the time in notices, and messages
 * that are checked and formatted before anybody gets them.
 */
export class CustomRoomConsumer extends WebSocketConsumer<RoomEvents, { params: { room: string } }> {
  static override layer = "chat";

  static override encoders = encoders<RoomEvents>({
    "room.message": ({ text }) => text,
  });

  override async connect(): Promise<void> {
    if (!allowedRooms.has(this.room)) {
      this.refuse(403, `there is no room "${this.room}"; there are: ${[...allowedRooms].join(", ")}`);
      return;
    }
    await this.groupAdd(this.group);
    this.accept();
    await this.tell(`🚪 [${clockTime(new Date())}] Someone joined room '${this.room}'`);
  }

  override async receive(text: string): Promise<void> {
    const message = text.trim();
    if (message === "") {
      this.send("⚠️ An empty message was not sent.");
      return;
    }
    if (message.length > longestMessage) {
      this.send(`⚠️ A message may have ${longestMessage} characters; this one has ${message.length}.`);
      return;
    }
    await this.tell(`💬 ${message.replace(/\*(\S(?:[^*]*\S)?)\*/g, "«$1»")}`);
  }

  override async disconnect(): Promise<void> {
    // Also runs for a connection that was refused: that one was never in the room.
    if (this.groups.has(this.group)) await this.tell(`👋 [${clockTime(new Date())}] Someone left room '${this.room}'`);
  }

  get room(): string {
    return this.scope.params.room;
  }

  get group(): string {
    return `custom_${roomGroup(this.room)}`;
  }

  async tell(text: string): Promise<void> {
    await this.channelLayer.groupSend(this.group, { type: "room.message", text });
  }
}

/** 09:05:07, in UTC so that everybody reads the same. */
export function clockTime(date: Date): string {
  return date.toISOString().slice(11, 19);
}
