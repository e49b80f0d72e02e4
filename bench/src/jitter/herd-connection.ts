import { connect, type Socket } from "node:net";
import { clientFrame } from "../fanout/member.ts";
import { FrameReader } from "./frame-reader.ts";
import type { Voice } from "./voice.ts";

const readBytes = 256 * 1024;
// All sockets read into one buffer: what a read brings is looked at before the next.
const shared = Buffer.allocUnsafe(readBytes);
const headerEnd = Buffer.from("\r\n\r\n");
const TEXT = 1;
const PING = 9;
/** Masked with zeros, without a payload: the server's pings have none. */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
/** Milliseconds until a connection that was refused is tried again. */
const againMs = 500;

/** Once away: when the network was back, when a connection was open, and when nothing was missing any more. */
export interface Return {
  readonly networkAt: number;
  openAt: number | undefined;
  levelAt: number | undefined;
}

/** Where a connection is in its room. */
export interface Tally {
  /** The place of the last message that came. */
  last: number;
  received: number;
  /** Messages that came again, or behind a later one. */
  doubled: number;
  /** Messages that a later one came without. */
  missed: number;
}

/** One client of the herd: a socket that counts, and comes back. As cheap as one can be, so that it is not what is measured. */
export class HerdConnection {
  readonly tally: Tally = { last: 0, received: 0, doubled: 0, missed: 0 };
  readonly voice: Voice;
  readonly room: number;
  current: Return | undefined;
  onJoined: (() => void) | undefined;
  /** Told when the other side cuts it. */
  onLost: (() => void) | undefined;
  readonly #port: number;
  readonly #address: string;
  /** The place of the latest message of the room that anybody has by now. */
  readonly #othersHave: () => number;
  #socket: Socket | undefined;
  #again: NodeJS.Timeout | undefined;
  /** Up to here it has to come to be level; undefined while it is not open. */
  #target: number | undefined;

  /** @param address the loopback address that it connects from: each has some 28,000 ports */
  constructor(
    room: number,
    port: number,
    address: string,
    othersHave: () => number,
    voiceFor: (connection: HerdConnection) => Voice,
  ) {
    this.room = room;
    this.#port = port;
    this.#address = address;
    this.#othersHave = othersHave;
    this.voice = voiceFor(this);
  }

  joined(): void {
    this.onJoined?.();
    this.onJoined = undefined;
    this.#levelled();
  }

  heard(n: number): void {
    const { tally } = this;
    if (n <= tally.last) {
      tally.doubled += 1;
      return;
    }
    tally.missed += n - tally.last - 1;
    tally.last = n;
    tally.received += 1;
    this.#levelled();
  }

  /** Connects, again and again until it is open. */
  connect(): void {
    const reader = new FrameReader((buffer, start, end, opcode) => {
      if (opcode === TEXT) this.voice.frame(buffer, start, end, this.say);
      else if (opcode === PING) this.#socket?.write(PONG);
    });
    let head = Buffer.alloc(0);
    let upgraded = false;
    const socket = connect({
      port: this.#port,
      host: "127.0.0.1",
      localAddress: this.#address,
      noDelay: true,
      onread: {
        buffer: shared,
        callback: (size, bytes) => {
          const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
          if (upgraded) {
            reader.read(buffer, size);
            return true;
          }
          head = Buffer.concat([head, buffer.subarray(0, size)]);
          const end = head.indexOf(headerEnd);
          if (end === -1) return true;
          if (!head.toString("latin1", 0, 12).endsWith(" 101")) {
            throw new Error(`Expected a WebSocket, got ${head.toString("latin1", 0, 300)}`);
          }
          upgraded = true;
          this.#opened();
          const rest = head.subarray(end + headerEnd.length);
          reader.read(rest, rest.length);
          return true;
        },
      },
    });
    this.#socket = socket;
    socket.on("error", () => {});
    socket.once("close", () => {
      if (this.#socket !== socket) return;
      if (this.onLost !== undefined && this.isOpen) this.onLost();
      // Refused, or cut by the server: a client comes back.
      this.#gone();
      this.#again = setTimeout(() => this.connect(), againMs);
    });
    socket.write(this.voice.request);
  }

  /** The network is gone; `awayMs` later it is back, and `jitterMs` after that the client notices. */
  drop(awayMs: number, jitterMs: number): void {
    const socket = this.#socket;
    this.#gone();
    clearTimeout(this.#again);
    socket?.resetAndDestroy();
    this.current = { networkAt: performance.now() + awayMs, openAt: undefined, levelAt: undefined };
    this.#again = setTimeout(() => this.connect(), awayMs + jitterMs);
  }

  readonly say = (text: string): void => {
    this.#socket?.write(clientFrame(text));
  };

  close(): void {
    clearTimeout(this.#again);
    const socket = this.#socket;
    this.#gone();
    socket?.destroy();
  }

  get isOpen(): boolean {
    return this.#target !== undefined;
  }

  #gone(): void {
    this.#socket = undefined;
    this.#target = undefined;
    this.voice.closed();
  }

  #opened(): void {
    this.#target = this.#othersHave();
    if (this.current !== undefined) this.current.openAt = performance.now();
    const first = this.voice.opened();
    if (first !== undefined) this.say(first);
  }

  #levelled(): void {
    const { current } = this;
    if (current === undefined || current.levelAt !== undefined || this.#target === undefined) return;
    if (this.tally.last >= this.#target) current.levelAt = performance.now();
  }
}
