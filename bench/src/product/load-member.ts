import type { Socket } from "node:net";
import { CLOSE, clientFrame, PING, PONG, TEXT } from "../sockets/client-frame.ts";
import { FrameReader } from "../sockets/frame-reader.ts";
import { openSocket } from "../sockets/open-socket.ts";
import { upgradeRequest } from "../sockets/upgrade-request.ts";
import { dueTimeIn, expandText, type LoadScript } from "./load-script.ts";

const MAX_UNSENT_BYTES = 1 << 20;
const NEWLINE = 0x0a;

/** What all members have counted and timed. */
export interface LoadState {
  isMeasuring: boolean;
  readonly latenciesMs: number[];
  closeCode: number;
  readonly counts: Record<
    "deliveries" | "sent" | "unsent" | "refused" | "closed" | "frames" | "reads" | "bytes",
    number
  >;
}

/** A member of the room, as the script describes it. */
export class LoadMember {
  readonly #script: LoadScript;
  readonly #state: LoadState;
  readonly #index: number;
  readonly #socket: Socket;
  readonly #joined = Promise.withResolvers<void>();
  readonly #delivery: Buffer;
  #step = 0;

  constructor(script: LoadScript, state: LoadState, index: number) {
    this.#script = script;
    this.#state = state;
    this.#index = index;
    this.#delivery = Buffer.from(script.delivery);
    const reader = new FrameReader((buffer, start, end, opcode) =>
      this.#handleFrame(buffer.subarray(start, end), opcode),
    );
    const header = this.#expand(script.header);
    this.#socket = openSocket({
      port: script.port,
      request: upgradeRequest(script.path, header === "" ? [] : [header]),
      onOpen: () => this.#takeSteps(),
      onBytes: (chunk, size) => reader.read(chunk, size),
      onRefused: (response) => this.#joined.reject(new Error(`Expected a WebSocket, got ${response}`)),
      onRead: (size) => {
        state.counts.reads += 1;
        state.counts.bytes += size;
      },
    });
    this.#socket.on("error", (error) => this.#joined.reject(error));
    this.#socket.once("close", () => {
      state.counts.closed += 1;
      this.#joined.reject(
        new Error(`Expected member ${index} to join its room, but the server closed its connection.`),
      );
    });
  }

  /** Resolves when the member is in its room. */
  get joined(): Promise<void> {
    return this.#joined.promise;
  }

  /** Sends the n-th message, unless too many wait because the server does not read. */
  post(n: number, dueNs: bigint): void {
    if (this.#socket.destroyed || this.#socket.writableLength > MAX_UNSENT_BYTES) {
      this.#state.counts.unsent += 1;
      return;
    }
    this.#state.counts.sent += 1;
    this.#socket.write(clientFrame(this.#expand(this.#script.message, n, dueNs)));
  }

  #expand(text: string, n = 0, dueNs = 0n): string {
    return expandText(text, this.#script, { index: this.#index, n, dueNs });
  }

  /** Sends the next frames of the script, until there is something to wait for. */
  #takeSteps(): void {
    for (let step = this.#script.steps[this.#step]; step?.isSend === true; step = this.#script.steps[this.#step]) {
      this.#socket.write(clientFrame(this.#expand(step.text)));
      this.#step += 1;
    }
    if (this.#step === this.#script.steps.length) this.#joined.resolve();
  }

  #handleFrame(payload: Buffer, opcode: number): void {
    this.#state.counts.frames += 1;
    if (opcode === PING) this.#socket.write(PONG);
    if (opcode === CLOSE && payload.length >= 2) this.#state.closeCode ||= payload.readUInt16BE(0);
    if (opcode !== TEXT) return;
    if (!this.#script.hasLines) {
      this.#handleMessage(payload);
      return;
    }
    for (let at = 0; at < payload.length; ) {
      const newline = payload.indexOf(NEWLINE, at);
      const end = newline === -1 ? payload.length : newline;
      this.#handleMessage(payload.subarray(at, end));
      at = end + 1;
    }
  }

  #handleMessage(message: Buffer): void {
    const { ping, pong, refusal, steps, sampleEvery } = this.#script;
    const { counts, latenciesMs, isMeasuring } = this.#state;
    if (message.subarray(0, this.#delivery.length).equals(this.#delivery)) {
      counts.deliveries += 1;
      if (!isMeasuring || this.#index % sampleEvery !== 0) return;
      const dueNs = dueTimeIn(message, this.#script);
      if (dueNs !== undefined) latenciesMs.push((Number(process.hrtime.bigint()) - dueNs) / 1e6);
    } else if (ping !== "" && message.length === ping.length && message.equals(Buffer.from(ping))) {
      this.#socket.write(clientFrame(pong));
    } else if (this.#step < steps.length) {
      if (!message.toString("utf8").startsWith(steps[this.#step]?.text ?? "")) return;
      this.#step += 1;
      this.#takeSteps();
    } else if (refusal !== "" && message.includes(refusal)) {
      counts.refused += 1;
    }
  }
}
