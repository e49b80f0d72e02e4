import { type EventOf, encoders, groupName, JsonWebSocketConsumer } from "@multichat/channels";

type RoomEvents = {
  "chat.message": { from: string; text: string };
  "chat.joined": { user: string };
};

export class RoomConsumer extends JsonWebSocketConsumer<
  RoomEvents,
  { params: { room: string }; user: { name: string } }
> {
  // Encode-once: a pure function, called once for each event, whatever the number of members.
  static override encoders = encoders<RoomEvents, "chat.message">({
    "chat.message": ({ from, text }) => ({ from, text }),
  });
  readonly #group = groupName("room", this.scope.params.room); // a valid name, whatever the address says

  override async connect(): Promise<void> {
    await this.groupAdd(this.#group); // the consumer leaves it when the connection ends
    this.accept();
    await this.groupSend(this.#group, { type: "chat.joined", user: this.scope.user.name });
  }

  override async receiveJson(content: unknown): Promise<void> {
    if (typeof content !== "string") return this.close(1007, "expected a string");
    await this.groupSend(this.#group, { type: "chat.message", from: this.scope.user.name, text: content });
  }

  // An event without an encoder calls the method with its name.
  chatJoined(event: EventOf<RoomEvents, "chat.joined">): void {
    if (event.user !== this.scope.user.name) this.sendJson({ joined: event.user });
  }
}
