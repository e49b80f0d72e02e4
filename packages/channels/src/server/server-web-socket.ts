import { WebSocket } from "ws";

/** The connection of a WebSocket, which handles its events. */
export interface WebSocketHandler {
  onMessage(data: Buffer, binary: boolean): void;
  /** A ping or pong has arrived. */
  onHeartbeat(): void;
  /** The client violated the protocol: `ws` has sent a close frame and waits for the client's. */
  onWebSocketError(error: Error & { readonly code?: unknown }): void;
  onWebSocketClose(code: number): void;
}

/**
 * A WebSocket that passes its events on to one handler. A listener for each of them would take as much memory as the
 * rest of the WebSocket.
 */
export class ServerWebSocket extends WebSocket {
  handler: WebSocketHandler | undefined;

  /** The arguments are those that `ws` documents for each event. */
  override emit(event: string | symbol, first?: unknown, second?: unknown): boolean {
    const { handler } = this;
    if (handler === undefined) return super.emit(event, first, second);
    switch (event) {
      case "message":
        handler.onMessage(first as Buffer, second as boolean);
        return true;
      case "ping":
      case "pong":
        handler.onHeartbeat();
        return true;
      case "error":
        handler.onWebSocketError(first as Error);
        return true;
      case "close":
        handler.onWebSocketClose(first as number);
        return true;
      default:
        return super.emit(event, first, second);
    }
  }
}
