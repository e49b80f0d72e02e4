/**
 * The part of a WebSocket that the client uses. Those of browsers, of Node and of `ws` fit. The events are declared `never`
 * because each of them declares its own; the client reads `data` of a message and `code` of a close, and nothing else.
 */
export interface Socket {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  /** 0 to 3: connecting, open, closing, closed. */
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

export type SocketFactory = (url: string, protocols: string[]) => Socket;
