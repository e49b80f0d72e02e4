import { encoders, JsonWebSocketConsumer } from "@multichat/channels";
import type { Person } from "./people.ts";
import { type Room, roomOf } from "./rooms.ts";

/** What happens in a room. `msg_type`: 0 a message, 4 somebody entered, 5 somebody left. */
type RoomEvents = {
  "chat.message": { room: number; username: string; message: string };
  "chat.join": { room: number; username: string };
  "chat.leave": { room: number; username: string };
};

class Refused extends Error {}

/** One browser: several rooms over one WebSocket, in the protocol of the original MultiChat. */
export class MultiChatConsumer extends JsonWebSocketConsumer<RoomEvents, { user: Person }> {
  // Each of these runs once for an event, however many members the room has.
  static override encoders = encoders<RoomEvents>({
    "chat.message": ({ room, username, message }) => ({ msg_type: 0, room, username, message }),
    "chat.join": ({ room, username }) => ({ msg_type: 4, room, username }),
    "chat.leave": ({ room, username }) => ({ msg_type: 5, room, username }),
  });
  readonly #username = this.scope.user.username;
  readonly #joined = new Set<Room>();

  override async receiveJson(content: unknown): Promise<void> {
    try {
      await this.#obey(content);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.sendJson({ error: error.message });
    }
  }

  override receiveInvalidJson(): void {
    this.sendJson({ error: "COMMAND_INVALID" });
  }

  override async disconnect(): Promise<void> {
    for (const room of this.#joined) await this.#announce("chat.leave", room);
  }

  async #obey(content: unknown): Promise<void> {
    if (typeof content !== "object" || content === null) throw new Refused("COMMAND_INVALID");
    const { command, room, message } = content as Record<string, unknown>;
    if (typeof command !== "string" || room === undefined) throw new Refused("COMMAND_INVALID");
    const meant = roomOf(room);
    if (meant === undefined) throw new Refused("ROOM_INVALID");
    if (command === "join") await this.#join(meant);
    else if (command === "leave") await this.#leave(meant);
    else if (command === "send") await this.#say(meant, message);
    else throw new Refused("COMMAND_UNKNOWN");
  }

  async #join(room: Room): Promise<void> {
    if (room.staffOnly && !this.scope.user.staff) throw new Refused("ROOM_ACCESS_DENIED");
    if (!this.#joined.has(room)) {
      // Before one's own joining: the others are told, oneself is not.
      await this.#announce("chat.join", room);
      await this.groupAdd(groupOf(room));
      this.#joined.add(room);
    }
    this.sendJson({ join: String(room.id), title: room.title });
  }

  async #leave(room: Room): Promise<void> {
    if (this.#joined.delete(room)) {
      await this.#announce("chat.leave", room);
      await this.groupDiscard(groupOf(room));
    }
    this.sendJson({ leave: String(room.id) });
  }

  async #say(room: Room, message: unknown): Promise<void> {
    if (!this.#joined.has(room)) throw new Refused("ROOM_ACCESS_DENIED");
    if (typeof message !== "string" || message.trim() === "") throw new Refused("MESSAGE_INVALID");
    await this.groupSend(groupOf(room), { type: "chat.message", room: room.id, username: this.#username, message });
  }

  async #announce(type: "chat.join" | "chat.leave", room: Room): Promise<void> {
    await this.groupSend(groupOf(room), { type, room: room.id, username: this.#username });
  }
}

function groupOf(room: Room): string {
  return `room-${room.id}`;
}
