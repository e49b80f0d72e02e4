import type { Me } from "@multichat/protocol";
import type { Socket, SocketFactory } from "../../src/index.ts";
import type { Door, ModelServer } from "./model-server.ts";
import type { StepClock } from "./step-clock.ts";

/** The wires between clients and the server: frames arrive in order, late, or, when the line is cut, not at all. */
export class ModelNetwork {
  readonly #clock: StepClock;
  readonly #server: ModelServer;
  readonly #latency: () => number;
  readonly #lines = new Set<Line>();
  /** No connection comes about. */
  reachable = true;
  /** Milliseconds that what is on its way up is held up when its line is cut, and arrives then; undefined: it is lost. */
  holdsUp: () => number | undefined = () => undefined;

  constructor(clock: StepClock, server: ModelServer, latency: () => number = () => 5) {
    this.#clock = clock;
    this.#server = server;
    this.#latency = latency;
  }

  /** The way in for one person's client. */
  factory(me: Me): SocketFactory {
    return () => {
      const line = new Line(this.#clock, this.#server, me, this.#latency, this);
      this.#lines.add(line);
      return line;
    };
  }

  /** The open lines of a person, oldest first. */
  linesOf(me: Me): Line[] {
    return [...this.#lines].filter((line) => line.me === me && line.alive);
  }
}

export class Line implements Socket {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly me: Me;
  readonly #clock: StepClock;
  readonly #server: ModelServer;
  readonly #latency: () => number;
  readonly #network: Pick<ModelNetwork, "reachable" | "holdsUp">;
  readonly #door: Door;
  #state: "opening" | "open" | "cut" | "closed" = "opening";
  /** When the last frame on its way arrives: the next one does not overtake it. */
  #upAt = 0;
  #downAt = 0;

  constructor(
    clock: StepClock,
    server: ModelServer,
    me: Me,
    latency: () => number,
    network: Pick<ModelNetwork, "reachable" | "holdsUp">,
  ) {
    this.#network = network;
    this.#clock = clock;
    this.#server = server;
    this.me = me;
    this.#latency = latency;
    this.#door = {
      me,
      hears: new Set(),
      presence: { status: "online", text: "" },
      tell: (frame) => this.#down(JSON.stringify(frame)),
      close: (code) => this.closedByServer(code),
    };
    clock.after(latency(), () => {
      if (this.#state !== "opening") return;
      if (!server.up || !network.reachable) {
        this.#closed(1006);
        return;
      }
      this.#state = "open";
      server.connected(this.#door);
      this.onopen?.({} as never);
    });
  }

  get alive(): boolean {
    return this.#state === "open";
  }

  send(data: string): void {
    if (this.#state === "opening") throw new Error("Sent before the handshake.");
    this.#upAt = Math.max(this.#upAt, this.#clock.now() + this.#latency());
    this.#clock.after(this.#upAt - this.#clock.now(), () => {
      if (this.#state === "open") this.#server.received(this.#door, data);
      else this.#holdUp(data);
    });
  }

  /** As a proxy does that stood still: the client has long gone on over another line. */
  #holdUp(data: string): void {
    const late = this.#network.holdsUp();
    if (late === undefined) return;
    this.#clock.after(late, () => {
      if (this.#server.up) this.#server.received(this.#door, data);
    });
  }

  close(): void {
    // A goodbye over a dead line is not heard.
    if (this.#state === "open") this.#server.disconnected(this.#door);
    this.#state = "closed";
  }

  /** The line is cut: what is on its way is lost. `seen`: the client is told at once; otherwise it has to find out. */
  cut(seen: boolean): void {
    if (this.#state !== "open") return;
    this.#server.disconnected(this.#door);
    if (seen) this.#closed(1006);
    else this.#state = "cut";
  }

  closedByServer(code: number): void {
    if (this.#state !== "open") return;
    this.#server.disconnected(this.#door);
    this.#closed(code);
  }

  /** Says something on this line that no command asked for. */
  tell(frame: object): void {
    this.#door.tell(frame);
  }

  #down(data: string): void {
    if (this.#state !== "open") return;
    this.#downAt = Math.max(this.#downAt, this.#clock.now() + this.#latency());
    this.#clock.after(this.#downAt - this.#clock.now(), () => {
      if (this.#state === "open") this.onmessage?.({ data } as never);
    });
  }

  #closed(code: number): void {
    this.#state = "closed";
    this.onclose?.({ code, reason: "" } as never);
  }
}
