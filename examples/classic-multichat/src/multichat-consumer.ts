import { encoders, JsonWebSocketConsumer } from "@multichat/channels";
import { findRoom, type Room } from "./rooms.ts";
import type { User } from "./users.ts";

/** The events of a room. `msg_type`: 0 a message, 4 a user entered, 5 a user left. */
type RoomEvents = {
  "chat.message": { room: number; username: string; message: string };
  "chat.join": { room: number; username: string };
  "chat.leave": { room: number; username: string };
};

class CommandError extends Error {}

/** One browser's connection: several rooms over one WebSocket, in the protocol of the original MultiChat. */
export class MultiChatConsumer extends JsonWebSocketConsumer<RoomEvents, { user: User }> {
  // Each encoder runs once per event, however many members the room has.
  static override encoders = encoders<RoomEvents>({
    "chat.message": ({ room, username, message }) => ({ msg_type: 0, room, username, message }),
    "chat.join": ({ room, username }) => ({ msg_type: 4, room, username }),
    "chat.leave": ({ room, username }) => ({ msg_type: 5, room, username }),
  });
  // As in the original, events take turns with commands, so that a reply has its place among them.
  static override eventsInTurn = true;
  readonly #username = this.scope.user.username;
  readonly #joined = new Set<Room>();

  override async receiveJson(content: unknown): Promise<void> {
    try {
      await this.#handleCommand(content);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      this.sendJson({ error: error.message });
    }
  }

  override receiveInvalidJson(): void {
    this.sendJson({ error: "COMMAND_INVALID" });
  }

  override async disconnect(): Promise<void> {
    for (const room of this.#joined) await this.#announce("chat.leave", room);
  }

  async #handleCommand(content: unknown): Promise<void> {
    if (typeof content !== "object" || content === null) throw new CommandError("COMMAND_INVALID");
    const { command, room, message } = content as Record<string, unknown>;
    if (typeof command !== "string" || room === undefined) throw new CommandError("COMMAND_INVALID");
    const target = findRoom(room);
    // As in the original, a message is refused for not having joined before its room is looked up.
    if (target === undefined) throw new CommandError(command === "send" ? "ROOM_ACCESS_DENIED" : "ROOM_INVALID");
    if (command === "join") await this.#join(target);
    else if (command === "leave") await this.#leave(target);
    else if (command === "send") await this.#send(target, message);
    else throw new CommandError("COMMAND_UNKNOWN");
  }

  async #join(room: Room): Promise<void> {
    if (room.isStaffOnly && !this.scope.user.isStaff) throw new CommandError("ROOM_ACCESS_DENIED");
    if (!this.#joined.has(room)) {
      // Announced before this connection joins, so that only the others receive it.
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

  async #send(room: Room, message: unknown): Promise<void> {
    if (!this.#joined.has(room)) throw new CommandError("ROOM_ACCESS_DENIED");
    if (typeof message !== "string" || message.trim() === "") throw new CommandError("MESSAGE_INVALID");
    await this.groupSend(groupOf(room), { type: "chat.message", room: room.id, username: this.#username, message });
  }

  async #announce(type: "chat.join" | "chat.leave", room: Room): Promise<void> {
    await this.groupSend(groupOf(room), { type, room: room.id, username: this.#username });
  }
}

function groupOf(room: Room): string {
  return `room-${room.id}`;
}
