import { NUMBER_DIGITS, NUMBER_MARK } from "./plan.ts";

/** The listener of a protocol client. */
export interface ClientListener {
  /** The client is in its room, and has received what it missed if the protocol provides that. */
  joined(): void;
  /** The message with this number in the room arrived. */
  received(n: number): void;
}

/** The protocol state of one connection to a subject. It outlives the sockets and keeps what it needs to resume. */
export interface ProtocolClient {
  /** The HTTP request that opens a socket. */
  readonly request: string;
  /** Called when a socket is open. Returns the first frame to send, if any. */
  handleOpen(): string | undefined;
  /** Called when the socket has closed. */
  handleClose(): void;
  /** Handles a received frame; `send` replies. */
  handleFrame(buffer: Buffer, start: number, end: number, send: (text: string) => void): void;
  /** Returns the frames that a sender sends before its first message to the rooms. */
  senderSetup(rooms: number): readonly string[];
  /** Returns a message for a room, as a frame's payload. */
  messageFrame(room: number, text: string): string;
}

const MARK_BYTES = Buffer.from(NUMBER_MARK);

/** Calls back with the number of each message in a frame's payload, in order. */
export function eachMessageNumber(buffer: Buffer, start: number, end: number, onNumber: (n: number) => void): void {
  for (let at = buffer.indexOf(MARK_BYTES, start); at !== -1 && at < end; at = buffer.indexOf(MARK_BYTES, at)) {
    at += MARK_BYTES.length;
    onNumber(numberAt(buffer, at, NUMBER_DIGITS));
    at += NUMBER_DIGITS;
  }
}

/** Parses decimal digits, up to the first byte that is not one. */
export function numberAt(buffer: Buffer, from: number, maxDigits = 16): number {
  let number = 0;
  for (let at = from; at < from + maxDigits; at += 1) {
    const digit = (buffer[at] ?? 0) - 48;
    if (digit < 0 || digit > 9) break;
    number = number * 10 + digit;
  }
  return number;
}
