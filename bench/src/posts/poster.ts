import type { Socket } from "node:net";
import { clientFrame, PING, PONG, TEXT } from "../sockets/client-frame.ts";
import { FrameReader } from "../sockets/frame-reader.ts";
import { openSocket } from "../sockets/open-socket.ts";
import { chatUpgradeRequest } from "../sockets/upgrade-request.ts";
import { clientIdOf, type LoadJob, type PosterRecord } from "./plan.ts";

const REPLY_START = Buffer.from('{"re":');
const OK_SEQ = Buffer.from(',"ok":{"seq":');
const JOIN_ID = 0;

export interface PosterOptions extends LoadJob {
  /** The number of the connection. */
  readonly index: number;
  readonly token: string;
  /** The number of the room. */
  readonly room: number;
  readonly onAcknowledged: (latencyMs: number) => void;
  readonly onFailure: (reason: string) => void;
  readonly onClosed: () => void;
}

/**
 * One signed-in connection that posts to its room in a closed loop, as cheap as possible, so that it is not what is measured:
 * acknowledgements are found by their first bytes, and everything else that the server sends is skipped.
 */
export class Poster {
  readonly #options: PosterOptions;
  readonly #socket: Socket;
  readonly #joined = Promise.withResolvers<void>();
  readonly #body: string;
  /** By the number of the message. */
  readonly #seqs: number[] = [];
  readonly #sentAt: number[] = [];
  #roomId = "";
  #waiting = 0;
  #frames: Buffer[] = [];

  constructor(options: PosterOptions) {
    this.#options = options;
    this.#body = "The quick brown fox jumps over the lazy dog. ".repeat(500).slice(0, options.bodyChars);
    const reader = new FrameReader((buffer, start, end, opcode) => {
      if (opcode === TEXT) this.#handleFrame(buffer, start, end);
      else if (opcode === PING) this.#socket.write(PONG);
    });
    this.#socket = openSocket({
      port: options.port,
      request: chatUpgradeRequest(options.token),
      onOpen: () => {
        this.#socket.write(clientFrame(JSON.stringify({ id: JOIN_ID, do: "room.join", room: options.room })));
      },
      onBytes: (chunk, size) => {
        reader.read(chunk, size);
        this.post();
      },
      onRefused: (response) => this.#joined.reject(new Error(`Expected a WebSocket, got ${response}`)),
    });
    this.#socket.on("error", (error) => this.#joined.reject(error));
    this.#socket.once("close", () => {
      this.#joined.reject(new Error("The server closed the connection before it had joined its room."));
      options.onClosed();
    });
  }

  /** Resolves when the connection has joined its room. */
  join(): Promise<void> {
    return this.#joined.promise;
  }

  /** Posts until as many messages wait as may; all of them leave in one write. */
  post(): void {
    if (this.#roomId === "") return;
    const now = performance.now();
    while (this.#waiting < this.#options.outstanding) {
      const n = this.#sentAt.length;
      const clientId = clientIdOf(this.#options.index, n);
      const text = `{"id":${n + 1},"do":"message.send","room":"${this.#roomId}","clientId":"${clientId}","body":"${this.#body}"}`;
      this.#frames.push(clientFrame(text));
      this.#sentAt.push(now);
      this.#waiting += 1;
    }
    const [first] = this.#frames;
    if (first === undefined) return;
    this.#socket.write(this.#frames.length === 1 ? first : Buffer.concat(this.#frames));
    this.#frames = [];
  }

  record(): PosterRecord {
    const seqs = new Float64Array(this.#sentAt.length);
    for (const [n, seq] of this.#seqs.entries()) seqs[n] = seq ?? 0;
    return { room: this.#roomId, sent: this.#sentAt.length, seqs };
  }

  #handleFrame(buffer: Buffer, start: number, end: number): void {
    if (!startsWith(buffer, start, REPLY_START)) return;
    const id = readDigits(buffer, start + REPLY_START.length);
    if (id.value === JOIN_ID) {
      this.#handleJoin(buffer.toString("utf8", start, end));
      return;
    }
    if (!startsWith(buffer, id.end, OK_SEQ)) {
      this.#options.onFailure(`the server refused a post: ${buffer.toString("utf8", start, end)}`);
      return;
    }
    const n = id.value - 1;
    this.#seqs[n] = readDigits(buffer, id.end + OK_SEQ.length).value;
    this.#waiting -= 1;
    this.#options.onAcknowledged(performance.now() - (this.#sentAt[n] ?? 0));
  }

  #handleJoin(text: string): void {
    // The server's own reply to `room.join`.
    const { ok } = JSON.parse(text) as { readonly ok?: { readonly room: { readonly id: string } } };
    if (ok === undefined) {
      this.#joined.reject(new Error(`Expected to join room ${this.#options.room}: ${text}`));
      return;
    }
    this.#roomId = ok.room.id;
    this.#joined.resolve();
  }
}

function startsWith(buffer: Buffer, start: number, text: Buffer): boolean {
  for (let index = 0; index < text.length; index += 1) if (buffer[start + index] !== text[index]) return false;
  return true;
}

function readDigits(buffer: Buffer, start: number): { readonly value: number; readonly end: number } {
  let value = 0;
  let end = start;
  for (let digit = (buffer[end] ?? 0) - 0x30; digit >= 0 && digit <= 9; digit = (buffer[end] ?? 0) - 0x30) {
    value = value * 10 + digit;
    end += 1;
  }
  return { value, end };
}
