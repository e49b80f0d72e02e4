import { BEARER_PREFIX, SUBPROTOCOL } from "@multichat/protocol";
import { type Ear, eachPlace, numberAt, upgradeRequest, type Voice } from "./voice.ts";

const seqBytes = Buffer.from('"seq":');
const lastSeqBytes = Buffer.from('"lastSeq":');
const resetBytes = Buffer.from('"reset":true');
const errorBytes = Buffer.from(',"error":{"code"');
const busyBytes = Buffer.from('"UNAVAILABLE"');
const replyBytes = Buffer.from('{"re":');

/** Milliseconds, at least, until a server that is too busy is asked again. */
const BUSY_MS = 250;

export interface MultichatRoom {
  readonly id: string;
  readonly lastSeq: number;
}

/** Speaks `multichat.v1` as the SDK does, as far as listening and coming back: joins once, then resumes from the last seq. */
export class MultichatVoice implements Voice {
  readonly request: string;
  readonly #ear: Ear;
  readonly #room: MultichatRoom;
  readonly #rooms: readonly MultichatRoom[];
  readonly #epoch: string;
  #seq: number;
  #joinedOnce = false;
  #asking: NodeJS.Timeout | undefined;
  #level = false;
  #commands = 0;
  #messages = 0;
  /** What came before the answer that says where it belongs. */
  #early: { readonly n: number; readonly seq: number }[] = [];

  constructor(token: string, rooms: readonly MultichatRoom[], room: MultichatRoom, epoch: string, ear: Ear) {
    this.request = upgradeRequest("/ws", [`sec-websocket-protocol: ${SUBPROTOCOL}, ${BEARER_PREFIX}${token}`]);
    this.#rooms = rooms;
    this.#room = room;
    this.#epoch = epoch;
    this.#seq = room.lastSeq;
    this.#ear = ear;
  }

  opened(): string {
    const rooms = { [this.#room.id]: this.#seq };
    return this.#joinedOnce
      ? this.#command("resume", { rooms, epoch: this.#epoch })
      : this.#command("room.join", { room: this.#room.id, since: this.#seq });
  }

  closed(): void {
    clearTimeout(this.#asking);
    this.#level = false;
    this.#early = [];
  }

  frame(buffer: Buffer, start: number, end: number, answer: (text: string) => void): void {
    if (isReply(buffer, start)) {
      const refused = buffer.indexOf(errorBytes, start);
      if (refused !== -1 && refused < end) {
        const busy = buffer.indexOf(busyBytes, start);
        if (busy !== -1 && busy < end && !this.#level) {
          // As the SDK does: what the server could not answer now is asked again.
          this.#asking = setTimeout(() => answer(this.opened()), BUSY_MS * (1 + Math.random()));
          return;
        }
        throw new Error(
          `Expected every command to be done, got ${buffer.toString("utf8", start, Math.min(end, start + 500))}`,
        );
      }
      if (!this.#level) this.#answered(buffer, start, end);
      return;
    }
    const at = buffer.indexOf(seqBytes, start);
    // Ephemeral events have no place in the log.
    if (at === -1 || at >= end) return;
    const seq = numberAt(buffer, at + seqBytes.length);
    if (this.#level && seq <= this.#seq) return;
    if (this.#level) this.#seq = seq;
    eachPlace(buffer, start, end, (n) => {
      if (this.#level) this.#ear.heard(n);
      else this.#early.push({ n, seq });
    });
  }

  message(room: number, text: string): string {
    this.#messages += 1;
    const clientId = `00000000-0000-7000-8000-${String(this.#messages).padStart(12, "0")}`;
    return this.#command("message.send", { room: this.#rooms[room]?.id, clientId, body: text });
  }

  /** Whoever posts has to be in the room. */
  sendsTo(): readonly string[] {
    return this.#rooms.map(({ id }) => this.#command("room.join", { room: id }));
  }

  /** The answer to a join or a resume: the missed messages in order. */
  #answered(buffer: Buffer, start: number, end: number): void {
    const at = buffer.lastIndexOf(lastSeqBytes, end);
    if (at < start)
      throw new Error(`Expected the room, got ${buffer.toString("utf8", start, Math.min(end, start + 500))}`);
    const asOf = numberAt(buffer, at + lastSeqBytes.length);
    const reset = buffer.indexOf(resetBytes, start);
    if (reset !== -1 && reset < end)
      throw new Error("Expected the missed messages, got a fresh start: too much was missed.");
    eachPlace(buffer, start, end, (n) => this.#ear.heard(n));
    // The log was read after the room was: it may tell of more.
    this.#seq = Math.max(this.#seq, asOf, highestSeq(buffer, start, end));
    for (const { n, seq } of this.#early) {
      if (seq <= this.#seq) continue;
      this.#seq = seq;
      this.#ear.heard(n);
    }
    this.#early = [];
    this.#level = true;
    this.#joinedOnce = true;
    this.#ear.joined();
  }

  #command(name: string, params: object): string {
    this.#commands += 1;
    return JSON.stringify({ id: this.#commands, do: name, ...params });
  }
}

function highestSeq(buffer: Buffer, start: number, end: number): number {
  let highest = 0;
  for (let at = buffer.indexOf(seqBytes, start); at !== -1 && at < end; at = buffer.indexOf(seqBytes, at)) {
    at += seqBytes.length;
    highest = Math.max(highest, numberAt(buffer, at));
  }
  return highest;
}

function isReply(buffer: Buffer, start: number): boolean {
  return replyBytes.every((byte, place) => buffer[start + place] === byte);
}
