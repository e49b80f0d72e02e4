import { chatUpgradeRequest } from "../sockets/upgrade-request.ts";
import { type ClientListener, eachMessageNumber, numberAt, type ProtocolClient } from "./protocol-client.ts";

const SEQ_BYTES = Buffer.from('"seq":');
const LAST_SEQ_BYTES = Buffer.from('"lastSeq":');
const RESET_BYTES = Buffer.from('"reset":true');
const ERROR_BYTES = Buffer.from(',"error":{"code"');
const BUSY_BYTES = Buffer.from('"UNAVAILABLE"');
const REPLY_BYTES = Buffer.from('{"re":');

/** The minimum delay before a command that a busy server refused is retried. */
const BUSY_RETRY_MS = 250;

export interface MultichatRoom {
  readonly id: string;
  readonly lastSeq: number;
}

/** Speaks the part of `multichat.v1` that receives and resumes, as the SDK does: joins once, then resumes from its seq. */
export class MultichatClient implements ProtocolClient {
  readonly request: string;
  readonly #listener: ClientListener;
  readonly #room: MultichatRoom;
  readonly #rooms: readonly MultichatRoom[];
  readonly #epoch: string;
  #seq: number;
  #hasJoined = false;
  #retryTimer: NodeJS.Timeout | undefined;
  #isCaughtUp = false;
  #commands = 0;
  #messages = 0;
  /** Messages that arrived before the reply, which shows whether they are new. */
  #early: { readonly n: number; readonly seq: number }[] = [];

  constructor(
    token: string,
    rooms: readonly MultichatRoom[],
    room: MultichatRoom,
    epoch: string,
    listener: ClientListener,
  ) {
    this.request = chatUpgradeRequest(token);
    this.#rooms = rooms;
    this.#room = room;
    this.#epoch = epoch;
    this.#seq = room.lastSeq;
    this.#listener = listener;
  }

  handleOpen(): string {
    const rooms = { [this.#room.id]: this.#seq };
    return this.#hasJoined
      ? this.#command("resume", { rooms, epoch: this.#epoch })
      : this.#command("room.join", { room: this.#room.id, since: this.#seq });
  }

  handleClose(): void {
    clearTimeout(this.#retryTimer);
    this.#isCaughtUp = false;
    this.#early = [];
  }

  handleFrame(buffer: Buffer, start: number, end: number, send: (text: string) => void): void {
    if (isReply(buffer, start)) {
      const refused = buffer.indexOf(ERROR_BYTES, start);
      if (refused !== -1 && refused < end) {
        const busy = buffer.indexOf(BUSY_BYTES, start);
        if (busy !== -1 && busy < end && !this.#isCaughtUp) {
          // A busy server is asked again, as the SDK does.
          this.#retryTimer = setTimeout(() => send(this.handleOpen()), BUSY_RETRY_MS * (1 + Math.random()));
          return;
        }
        throw new Error(
          `Expected every command to succeed, got ${buffer.toString("utf8", start, Math.min(end, start + 500))}`,
        );
      }
      if (!this.#isCaughtUp) this.#catchUp(buffer, start, end);
      return;
    }
    const at = buffer.indexOf(SEQ_BYTES, start);
    // Ephemeral events have no seq.
    if (at === -1 || at >= end) return;
    const seq = numberAt(buffer, at + SEQ_BYTES.length);
    if (this.#isCaughtUp && seq <= this.#seq) return;
    if (this.#isCaughtUp) this.#seq = seq;
    eachMessageNumber(buffer, start, end, (n) => {
      if (this.#isCaughtUp) this.#listener.received(n);
      else this.#early.push({ n, seq });
    });
  }

  messageFrame(room: number, text: string): string {
    this.#messages += 1;
    const clientId = `00000000-0000-7000-8000-${String(this.#messages).padStart(12, "0")}`;
    return this.#command("message.send", { room: this.#rooms[room]?.id, clientId, body: text });
  }

  /** Joins every room: posting requires it. */
  senderSetup(): readonly string[] {
    return this.#rooms.map(({ id }) => this.#command("room.join", { room: id }));
  }

  /** Reads the reply to a join or a resume: the missed messages in order. */
  #catchUp(buffer: Buffer, start: number, end: number): void {
    const at = buffer.lastIndexOf(LAST_SEQ_BYTES, end);
    if (at < start)
      throw new Error(`Expected the room, got ${buffer.toString("utf8", start, Math.min(end, start + 500))}`);
    const asOf = numberAt(buffer, at + LAST_SEQ_BYTES.length);
    const reset = buffer.indexOf(RESET_BYTES, start);
    if (reset !== -1 && reset < end)
      throw new Error("Expected the missed messages, got a reset: too many were missed.");
    eachMessageNumber(buffer, start, end, (n) => this.#listener.received(n));
    // The log is read after the room, so it may be ahead of it.
    this.#seq = Math.max(this.#seq, asOf, highestSeq(buffer, start, end));
    for (const { n, seq } of this.#early) {
      if (seq <= this.#seq) continue;
      this.#seq = seq;
      this.#listener.received(n);
    }
    this.#early = [];
    this.#isCaughtUp = true;
    this.#hasJoined = true;
    this.#listener.joined();
  }

  #command(name: string, params: object): string {
    this.#commands += 1;
    return JSON.stringify({ id: this.#commands, do: name, ...params });
  }
}

function highestSeq(buffer: Buffer, start: number, end: number): number {
  let highest = 0;
  for (let at = buffer.indexOf(SEQ_BYTES, start); at !== -1 && at < end; at = buffer.indexOf(SEQ_BYTES, at)) {
    at += SEQ_BYTES.length;
    highest = Math.max(highest, numberAt(buffer, at));
  }
  return highest;
}

function isReply(buffer: Buffer, start: number): boolean {
  return REPLY_BYTES.every((byte, index) => buffer[start + index] === byte);
}
