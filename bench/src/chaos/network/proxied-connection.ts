import { connect, type Socket } from "node:net";
import type { Random } from "../../clients/random.ts";
import { DelayedPipe } from "./delayed-pipe.ts";
import { type Fault, nextFault } from "./faults.ts";
import { FrameBounds } from "./frame-bounds.ts";

/** How long a cut waits for a frame to split. An idle client is pinged every 25 s. */
const FRAME_TIMEOUT_MS = { down: 5_000, up: 12_000 } as const;

export type CutKind = "between-frames" | "mid-frame" | "before-reply";

export interface ConnectionOptions {
  readonly client: Socket;
  readonly port: number;
  readonly random: Random;
  /** Seconds between two faults, on average. */
  readonly faultIntervalSeconds: number;
  /** Whether the connection may still get faults. */
  readonly areFaultsEnabled: () => boolean;
  readonly onCut: (kind: CutKind) => void;
  readonly onFault: (kind: "stall" | "silence") => void;
}

type Direction = "down" | "up";

/** One connection through the proxy: delayed in both directions, and eventually cut. */
export class ProxiedConnection {
  readonly closed: Promise<void>;
  readonly #options: ConnectionOptions;
  readonly #server: Socket;
  readonly #pipes: Readonly<Record<Direction, DelayedPipe>>;
  readonly #bounds: Readonly<Record<Direction, FrameBounds>> = { down: new FrameBounds(), up: new FrameBounds() };
  #armed: Extract<Fault, { kind: "mid-frame" | "before-reply" }> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;

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
      // A refused or reset connection has ended; its `close` event follows.
      socket.on("error", () => other.destroy());
      socket.once("close", (failed) => {
        if (failed) other.destroy();
        left -= 1;
        if (left > 0) return;
        this.#end();
        resolve();
      });
    }
    this.#scheduleFault();
  }

  destroy(): void {
    this.#end();
    this.#options.client.destroy();
    this.#server.destroy();
  }

  #end(): void {
    this.#isEnded = true;
    clearTimeout(this.#timer);
    this.#pipes.up.stop();
    this.#pipes.down.stop();
  }

  #scheduleFault(): void {
    const { random, faultIntervalSeconds } = this.#options;
    this.#timer = setTimeout(() => this.#inject(nextFault(random)), 1_000 * random.exponential(faultIntervalSeconds));
  }

  #inject(fault: Fault): void {
    if (this.#isEnded || !this.#options.areFaultsEnabled()) return;
    switch (fault.kind) {
      case "cut":
        this.#cut("between-frames");
        break;
      case "mid-frame":
      case "before-reply":
        this.#armed = fault;
        this.#timer = setTimeout(
          () => this.#cut("between-frames"),
          FRAME_TIMEOUT_MS[fault.kind === "before-reply" ? "up" : fault.direction],
        );
        break;
      case "stall":
        this.#options.onFault("stall");
        this.#hold(fault.ms);
        this.#scheduleFault();
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
    if (armed.kind === "before-reply") {
      if (direction !== "up") return undefined;
      // The reply would follow at once: stop forwarding to the client.
      this.#pipes.down.stop();
      return { forward: chunk.length, after: () => this.#cut("before-reply") };
    }
    if (armed.direction !== direction) return undefined;
    const forward = offsetInsideFrame(chunk.length, ends, this.#options.random);
    return forward === undefined ? undefined : { forward, after: () => this.#cut("mid-frame") };
  }

  #cut(kind: CutKind): void {
    if (this.#isEnded) return;
    this.#options.onCut(kind);
    this.#end();
    // Half of the connections end with a FIN, half with a reset.
    if (this.#options.random.chance(0.5)) {
      this.#options.client.destroySoon();
      this.#server.destroySoon();
    } else {
      this.#options.client.resetAndDestroy();
      this.#server.resetAndDestroy();
    }
  }
}

/** Returns how many bytes of a chunk to forward so that they end inside a frame; undefined where that is impossible. */
export function offsetInsideFrame(length: number, ends: readonly number[], random: Random): number | undefined {
  const offsets = [];
  // A few candidates are enough, even for a long chunk.
  for (let count = 0; count < 16; count += 1) offsets.push(1 + random.integerBelow(Math.max(1, length - 1)));
  return length < 2 ? undefined : offsets.find((offset) => !ends.includes(offset));
}
