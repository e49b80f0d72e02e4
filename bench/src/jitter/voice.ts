import { digits, mark } from "./plan.ts";

/** What a voice tells about its connection. */
export interface Ear {
  /** It is in its room, and has been told what it missed if it is ever told that. */
  joined(): void;
  /** The message with this place in the room came. */
  heard(n: number): void;
}

/** How one connection speaks to a contestant. It lives longer than its sockets: what it needs to resume it keeps. */
export interface Voice {
  /** The HTTP request that opens a socket. */
  readonly request: string;
  /** The socket is open: what to say, if anything. */
  opened(): string | undefined;
  /** The socket is gone. */
  closed(): void;
  /** A frame came; `answer` says something back. */
  frame(buffer: Buffer, start: number, end: number, answer: (text: string) => void): void;
  /** What a sender says before it sends to so many rooms. */
  sendsTo(rooms: number): readonly string[];
  /** A message with this text for a room, as a frame's payload. */
  message(room: number, text: string): string;
}

/** Upgrades to WebSocket; `more` are further header lines. */
export function upgradeRequest(path: string, more: readonly string[] = []): string {
  return [
    `GET ${path} HTTP/1.1`,
    "host: localhost",
    "connection: Upgrade",
    "upgrade: websocket",
    "sec-websocket-version: 13",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
    ...more,
    "",
    "",
  ].join("\r\n");
}

const markBytes = Buffer.from(mark);

/** Calls for each message that a frame's payload holds, in order. */
export function eachPlace(buffer: Buffer, start: number, end: number, found: (n: number) => void): void {
  for (let at = buffer.indexOf(markBytes, start); at !== -1 && at < end; at = buffer.indexOf(markBytes, at)) {
    at += markBytes.length;
    found(numberAt(buffer, at, digits));
    at += digits;
  }
}

/** Decimal digits, up to the first byte that is none. */
export function numberAt(buffer: Buffer, from: number, most = 16): number {
  let number = 0;
  for (let at = from; at < from + most; at += 1) {
    const digit = (buffer[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    number = number * 10 + digit;
  }
  return number;
}
