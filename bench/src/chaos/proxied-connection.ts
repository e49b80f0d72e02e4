import { connect, type Socket } from "node:net";
import type { Random } from "../crowd/random.ts";
import { DelayedPipe } from "./delayed-pipe.ts";
import { type Fault, nextFault } from "./faults.ts";
import { FrameBounds } from "./frame-bounds.ts";

/** Milliseconds that a cut waits for a frame to be in the middle of. A client that says nothing is pinged every 25 s. */
const PATIENCE = { down: 5_000, up: 12_000 } as const;

export type CutKind = "between-frames" | "mid-frame" | "after-asking";

export interface ConnectionOptions {
  readonly client: Socket;
  readonly port: number;
  readonly random: Random;
  /** Seconds between two faults, on average. */
  readonly meanSeconds: number;
  /** False: nothing happens to it any more. */
  readonly harmful: () => boolean;
  readonly onCut: (kind: CutKind) => void;
  readonly onFault: (kind: "stall" | "silence") => void;
}

type Direction = "down" | "up";

/** One connection through the proxy: late in both directions, and sooner or later cut. */
export class ProxiedConnection {
  readonly closed: Promise<void>;
  readonly #options: ConnectionOptions;
  readonly #server: Socket;
  readonly #pipes: Readonly<Record<Direction, DelayedPipe>>;
  readonly #bounds: Readonly<Record<Direction, FrameBounds>> = { down: new FrameBounds(), up: new FrameBounds() };
  #armed: Extract<Fault, { kind: "mid-frame" | "after-asking" }> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #over = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { client, port, random } = options;
    this.#server = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    const base = random.between(0, 30);
    const latency = () => base + random.between(0, 20);
    this.#pipes = {
      up: new DelayedPipe(client, this.#server, latency, (chunk) => this.#inspect("up", chunk)),
      down: new DelayedPipe(this.#server, client, latency, (chunk) => this.#inspect("down", chunk)),
    };
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    let left = 2;
    for (const [socket, other] of [
      [client, this.#server],
      [this.#server, client],
    ] as const) {
      // A refused or reset connection is one that ends; its close follows.
      socket.on("error", () => other.destroy());
      socket.once("close", (failed) => {
        if (failed) other.destroy();
        left -= 1;
        if (left > 0) return;
        this.#end();
        resolve();
      });
    }
    this.#plan();
  }

  destroy(): void {
    this.#end();
    this.#options.client.destroy();
    this.#server.destroy();
  }

  #end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#pipes.up.stop();
    this.#pipes.down.stop();
  }

  #plan(): void {
    const { random, meanSeconds } = this.#options;
    this.#timer = setTimeout(() => this.#strike(nextFault(random)), 1_000 * random.exponential(meanSeconds));
  }

  #strike(fault: Fault): void {
    if (this.#over || !this.#options.harmful()) return;
    switch (fault.kind) {
      case "cut":
        this.#cut("between-frames");
        break;
      case "mid-frame":
      case "after-asking":
        this.#armed = fault;
        this.#timer = setTimeout(
          () => this.#cut("between-frames"),
          PATIENCE[fault.kind === "after-asking" ? "up" : fault.direction],
        );
        break;
      case "stall":
        this.#options.onFault("stall");
        this.#hold(fault.ms);
        this.#plan();
        break;
      case "silence":
        this.#options.onFault("silence");
        this.#hold(Number.POSITIVE_INFINITY);
    }
  }

  #hold(ms: number): void {
    this.#pipes.up.hold(ms);
    this.#pipes.down.hold(ms);
  }

  #inspect(direction: Direction, chunk: Buffer): ReturnType<ConstructorParameters<typeof DelayedPipe>[3]> {
    const ends = this.#bounds[direction].ends(chunk);
    const armed = this.#armed;
    if (armed === undefined) return undefined;
    if (armed.kind === "after-asking") {
      if (direction !== "up") return undefined;
      // The answer would come at once: nothing goes down any more.
      this.#pipes.down.stop();
      return { forward: chunk.length, after: () => this.#cut("after-asking") };
    }
    if (armed.direction !== direction) return undefined;
    const forward = insideAFrame(chunk.length, ends, this.#options.random);
    return forward === undefined ? undefined : { forward, after: () => this.#cut("mid-frame") };
  }

  #cut(kind: CutKind): void {
    if (this.#over) return;
    this.#options.onCut(kind);
    this.#end();
    // Some go with a goodbye of TCP's, some with a reset.
    if (this.#options.random.chance(0.5)) {
      this.#options.client.destroySoon();
      this.#server.destroySoon();
    } else {
      this.#options.client.resetAndDestroy();
      this.#server.resetAndDestroy();
    }
  }
}

/** How many bytes of a chunk go on so that the last of them is not a frame's last; undefined: there is no such place. */
export function insideAFrame(length: number, ends: readonly number[], random: Random): number | undefined {
  const places = [];
  // Of a long chunk a few places are enough to choose from.
  for (let tries = 0; tries < 16; tries += 1) places.push(1 + random.below(Math.max(1, length - 1)));
  return length < 2 ? undefined : places.find((place) => !ends.includes(place));
}
