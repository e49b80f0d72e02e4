import {
  type EventOf,
  encoders,
  JsonWebSocketConsumer,
  type Route,
  route,
  WebSocketConsumer,
} from "@multichat/channels";

// Programs that must compile, and lines that must not. `tsc -p tsconfig.test.json` checks this file; nothing runs it.

type ChatEvents = {
  "chat.message": { text: string; seq: number };
  "chat.left": { who: string };
};

class Complete extends WebSocketConsumer<ChatEvents> {
  static override encoders = encoders<ChatEvents, "chat.message">({
    "chat.message": (event) => ({ text: event.text, seq: event.seq }),
  });
  chatLeft(event: EventOf<ChatEvents, "chat.left">): void {
    const who: string = event.who;
    // @ts-expect-error the payload has no such member
    const reason = event.reason;
    this.send(`${who}${reason}`);
  }
}
route("/ws", Complete);

class OnlyEncoders extends WebSocketConsumer<ChatEvents> {
  static override encoders = encoders<ChatEvents>({
    "chat.message": (event) => event.text,
    "chat.left": (event) => event.who,
  });
}
route("/ws", OnlyEncoders);

class OnlyMethods extends JsonWebSocketConsumer<ChatEvents> {
  chatMessage(event: EventOf<ChatEvents, "chat.message">): void {
    this.sendJson(event);
  }
  async chatLeft(): Promise<void> {}
}
route("/ws", OnlyMethods);

class WithoutEvents extends WebSocketConsumer {}
route("/ws", WithoutEvents);

class LacksOne extends WebSocketConsumer<ChatEvents> {
  chatMessage(event: EventOf<ChatEvents, "chat.message">): void {
    this.send(event.text);
  }
}
// @ts-expect-error "chat.left" has neither an encoder nor a method
route("/ws", LacksOne);

class HidesOne extends WebSocketConsumer<ChatEvents> {
  chatMessage(event: EventOf<ChatEvents, "chat.message">): void {
    this.chatLeft();
    this.send(event.text);
  }
  private chatLeft(): void {}
}
// @ts-expect-error a private method cannot be a handler
route("/ws", HidesOne);

class TakesAnother extends WebSocketConsumer<ChatEvents> {
  chatMessage(event: { type: "chat.message"; text: number }): void {
    this.send(String(event.text));
  }
  chatLeft(): void {}
}
// @ts-expect-error the payload of the method differs from that of the map
route("/ws", TakesAnother);

encoders<ChatEvents>({
  "chat.message": (event) => event.text,
  "chat.left": (event) => event.who,
  // @ts-expect-error the map has no such event
  "chat.moved": () => "moved",
});

// @ts-expect-error "chat.left" is not encoded
encoders<ChatEvents>({ "chat.message": (event) => event.text });

encoders<ChatEvents, "chat.message">({
  // @ts-expect-error the payload has no such member
  "chat.message": (event) => event.body,
});

class Sends extends WebSocketConsumer<ChatEvents> {
  static override encoders = encoders<ChatEvents>({ "chat.message": () => "", "chat.left": () => undefined });
  override async connect(): Promise<void> {
    await this.groupSend("room", { type: "chat.message", text: "hi", seq: 1 });
    // @ts-expect-error `seq` is a number
    await this.groupSend("room", { type: "chat.message", text: "hi", seq: "1" });
    // @ts-expect-error `text` is missing
    await this.groupSend("room", { type: "chat.message", seq: 1 });
    // @ts-expect-error the map has no such event
    await this.groupSend("room", { type: "chat.moved" });
  }
}
route("/ws", Sends);

// @ts-expect-error a layer cannot carry a function
class CannotTravel extends WebSocketConsumer<{ "chat.message": { callback: () => void } }> {}
export type Used = CannotTravel;

class Room extends WebSocketConsumer<ChatEvents, { params: { room: string; page: number } }> {
  static override encoders = encoders<ChatEvents>({ "chat.message": () => "", "chat.left": () => undefined });
  readonly title: string = this.scope.params.room;
  override connect(): void {
    const page: number = this.scope.params.page;
    // @ts-expect-error the route has no such parameter
    const other = this.scope.params.other;
    this.send(`${page}${other}`);
  }
}
route("/ws/:room/:page<int>", Room);
route("/ws/:room/:page<int>/?", Room);
// @ts-expect-error the pattern has no `page`
route("/ws/:room", Room);
// @ts-expect-error `page` is text in this pattern
route("/ws/:room/:page", Room);

class NoParams extends WebSocketConsumer {
  override connect(): void {
    // @ts-expect-error the consumer declares no parameters
    this.accept(this.scope.params.protocol);
  }
}
route("/ws/:room", NoParams);

// @ts-expect-error a class that is not a consumer
route("/ws", Date);

export const routed: Route = route("/:room/:page<int>", Room);
