import type { EventMap } from "../layer/events.ts";
import type { MaybePromise, NoEvents } from "./consumer.ts";
import { type FrameOptions, jsonFrame } from "./frame.ts";
import { registerFrameworkPrototype } from "./handler-table.ts";
import type { NoScopeTypes, ScopeTypes } from "./scope.ts";
import { WebSocketConsumer } from "./websocket-consumer.ts";

/** A WebSocket consumer whose text frames are JSON. */
export abstract class JsonWebSocketConsumer<
  Events extends EventMap = NoEvents,
  Types extends ScopeTypes = NoScopeTypes,
> extends WebSocketConsumer<Events, Types> {
  /** Handles the parsed content of a text frame. It is untrusted: validate it. Does nothing by default. */
  receiveJson(_content: unknown): MaybePromise<void> {}

  /** Handles a text frame that is not JSON. Closes with 1007 by default. */
  receiveInvalidJson(_text: string): MaybePromise<void> {
    this.close(1007, "not JSON");
  }

  /** Sends a value as JSON; returns false when the connection has ended. */
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
