import { encoders, WebSocketConsumer } from "@multichat/channels";
import type { RoomEvents } from "./room-consumer.ts";
import { roomGroup } from "./room-group.ts";

/** The existing rooms; every other name is rejected at the handshake. */
const ALLOWED_ROOMS: ReadonlySet<string> = new Set(["general", "games", "music"]);
const MAX_MESSAGE_LENGTH = 500;

/**
 * A customized room chat: a list of allowed rooms, its own group names, the time in notices, and messages that are checked
 * and formatted before they are sent.
 */
export class CustomRoomConsumer extends WebSocketConsumer<RoomEvents, { params: { room: string } }> {
  static override layer = "chat";

  static override encoders = encoders<RoomEvents>({
    "room.message": ({ text }) => text,
  });

  override async connect(): Promise<void> {
    if (!ALLOWED_ROOMS.has(this.room)) {
      this.refuse(403, `expected one of the rooms ${[...ALLOWED_ROOMS].join(", ")}, got "${this.room}"`);
      return;
    }
    await this.groupAdd(this.group);
    this.accept();
    await this.broadcast(`🚪 [${formatTime(new Date())}] Someone joined room '${this.room}'`);
  }

  override async receive(text: string): Promise<void> {
    const message = text.trim();
    if (message === "") {
      this.send("⚠️ An empty message was not sent.");
      return;
    }
    if (message.length > MAX_MESSAGE_LENGTH) {
      this.send(`⚠️ A message may have ${MAX_MESSAGE_LENGTH} characters; this one has ${message.length}.`);
      return;
    }
    await this.broadcast(`💬 ${message.replace(/\*(\S(?:[^*]*\S)?)\*/g, "«$1»")}`);
  }

  override async disconnect(): Promise<void> {
    // Also runs for a rejected connection, which was never in the room.
    if (this.groups.has(this.group))
      await this.broadcast(`👋 [${formatTime(new Date())}] Someone left room '${this.room}'`);
  }

  get room(): string {
    return this.scope.params.room;
  }

  get group(): string {
    return `custom_${roomGroup(this.room)}`;
  }

  async broadcast(text: string): Promise<void> {
    await this.groupSend(this.group, { type: "room.message", text });
  }
}

/** Formats a time as 09:05:07, in UTC so that all members see the same. */
export function formatTime(date: Date): string {
  return date.toISOString().slice(11, 19);
}
