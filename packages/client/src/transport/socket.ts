/**
 * What the client uses of a WebSocket. The browser's, Node's own and that of `ws` all fit: the events are declared `never` because
 * each of them declares its own; the client reads `data` of a message, `code` of a close, and nothing else.
 */
export interface Socket {
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

export type SocketFactory = (url: string, protocols: string[]) => Socket;
