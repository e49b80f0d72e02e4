import type { EventMap } from "../layer/events.ts";
import type { MaybePromise, NoEvents } from "./consumer.ts";
import { type FrameOptions, jsonFrame } from "./frame.ts";
import { registerFrameworkPrototype } from "./handler-table.ts";
import type { NoScopeTypes, ScopeTypes } from "./scope.ts";
import { WebSocketConsumer } from "./websocket-consumer.ts";

/** One WebSocket that speaks JSON: a value in every text frame. */
export abstract class JsonWebSocketConsumer<
  Events extends EventMap = NoEvents,
  Types extends ScopeTypes = NoScopeTypes,
> extends WebSocketConsumer<Events, Types> {
  /** What a frame held. It came from outside: parse it before use. Does nothing unless overridden. */
  receiveJson(_content: unknown): MaybePromise<void> {}

  /** A text frame that is not JSON. Closes with 1007 unless overridden. */
  receiveInvalidJson(_text: string): MaybePromise<void> {
    this.close(1007, "not JSON");
  }

  /** False when the connection is over. */
  sendJson(content: unknown, options?: FrameOptions): boolean {
    return this.send(jsonFrame(content, options));
  }

  override receive(text: string): MaybePromise<void> {
    let content: unknown;
    try {
      content = JSON.parse(text);
    } catch {
      return this.receiveInvalidJson(text);
    }
    return this.receiveJson(content);
  }
}

registerFrameworkPrototype(JsonWebSocketConsumer.prototype);
