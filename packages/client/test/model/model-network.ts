import type { Me } from "@multichat/protocol";
import type { Socket, SocketFactory } from "../../src/index.ts";
import type { ServerConnection } from "./model-chat.ts";
import type { ModelServer } from "./model-server.ts";
import type { StepClock } from "./step-clock.ts";

/** The network between clients and the server: frames arrive in order and late, or, when the connection is cut, not at all. */
export class ModelNetwork {
  readonly #clock: StepClock;
  readonly #server: ModelServer;
  readonly #latencyMs: () => number;
  readonly #sockets = new Set<ModelSocket>();
  /** Whether connections can be opened. */
  isReachable = true;
  /** The delay after which a frame still arrives at the server when its connection was cut; undefined: it is lost. */
  lateArrivalMs: () => number | undefined = () => undefined;

  constructor(clock: StepClock, server: ModelServer, latencyMs: () => number = () => 5) {
    this.#clock = clock;
    this.#server = server;
    this.#latencyMs = latencyMs;
  }

  /** Returns a factory of sockets that are signed in as this user. */
  socketFactory(me: Me): SocketFactory {
    return () => {
      const socket = new ModelSocket(this.#clock, this.#server, me, this.#latencyMs, this);
      this.#sockets.add(socket);
      return socket;
    };
  }

  /** Returns the open sockets of a user, oldest first. */
  socketsOf(me: Me): ModelSocket[] {
    return [...this.#sockets].filter((socket) => socket.me === me && socket.isOpen);
  }
}

type NetworkConditions = Pick<ModelNetwork, "isReachable" | "lateArrivalMs">;

export class ModelSocket implements Socket {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly me: Me;
  readonly #clock: StepClock;
  readonly #server: ModelServer;
  readonly #latencyMs: () => number;
  readonly #network: NetworkConditions;
  readonly #connection: ServerConnection;
  #state: "opening" | "open" | "cut" | "closing" | "closed" = "opening";
  /** When the last frame on its way arrives: the next one does not overtake it. */
  #lastArrivalAtServer = 0;
  #lastArrivalAtClient = 0;

  constructor(clock: StepClock, server: ModelServer, me: Me, latencyMs: () => number, network: NetworkConditions) {
    this.#network = network;
    this.#clock = clock;
    this.#server = server;
    this.me = me;
    this.#latencyMs = latencyMs;
    this.#connection = {
      me,
      joinedRooms: new Set(),
      presence: { status: "online", text: "" },
      send: (frame) => this.#deliverToClient(JSON.stringify(frame)),
      close: (code) => this.closeByServer(code),
    };
    clock.after(latencyMs(), () => {
      if (this.#state !== "opening") return;
      if (!server.isUp || !network.isReachable) {
        this.#closeWith(1006);
        return;
      }
      this.#state = "open";
      server.connectionOpened(this.#connection);
      this.onopen?.(eventWith({}));
    });
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  get readyState(): number {
    if (this.#state === "opening") return 0;
    if (this.#state === "closing") return 2;
    // Neither side notices at once that a connection is cut.
    return this.#state === "closed" ? 3 : 1;
  }

  send(data: string): void {
    if (this.#state === "opening") throw new Error("Sent before the handshake.");
    if (this.#state === "closing") throw new Error("Sent while the socket closes.");
    this.#lastArrivalAtServer = Math.max(this.#lastArrivalAtServer, this.#clock.now() + this.#latencyMs());
    this.#clock.after(this.#lastArrivalAtServer - this.#clock.now(), () => {
      if (this.#state === "open") this.#server.receive(this.#connection, data);
      else this.#deliverLate(data);
    });
  }

  /** Delivers a frame as a stalled proxy does: the client has already reconnected. */
  #deliverLate(data: string): void {
    const delayMs = this.#network.lateArrivalMs();
    if (delayMs === undefined) return;
    this.#clock.after(delayMs, () => {
      if (this.#server.isUp) this.#server.receive(this.#connection, data);
    });
  }

  close(): void {
    // Over a connection that was cut the close frame does not arrive.
    if (this.#state === "open") this.#server.connectionClosed(this.#connection);
    this.#state = "closed";
  }

  /** Cuts the connection, and loses the frames on their way. With `isNoticed: false` the client has to detect it. */
  cut({ isNoticed }: { readonly isNoticed: boolean }): void {
    if (this.#state !== "open") return;
    this.#server.connectionClosed(this.#connection);
    if (isNoticed) this.#closeWith(1006);
    else this.#state = "cut";
  }

  closeByServer(code: number): void {
    if (this.#state !== "open") return;
    this.#server.connectionClosed(this.#connection);
    this.#closeWith(code);
  }

  /** The server's close frame has arrived; the close event follows with {@link finishClosing}. */
  startClosing(): void {
    if (this.#state !== "open") return;
    this.#server.connectionClosed(this.#connection);
    this.#state = "closing";
  }

  finishClosing(code: number): void {
    if (this.#state === "closing") this.#closeWith(code);
  }

  /** Sends a frame to the client that answers no command. */
  sendFromServer(frame: object): void {
    this.#connection.send(frame);
  }

  #deliverToClient(data: string): void {
    if (this.#state !== "open") return;
    this.#lastArrivalAtClient = Math.max(this.#lastArrivalAtClient, this.#clock.now() + this.#latencyMs());
    this.#clock.after(this.#lastArrivalAtClient - this.#clock.now(), () => {
      if (this.#state === "open") this.onmessage?.(eventWith({ data }));
    });
  }

  #closeWith(code: number): void {
    this.#state = "closed";
    this.onclose?.(eventWith({ code, reason: "" }));
  }
}

/** Returns an event with what the client reads of it. A socket's handlers take the events of any WebSocket class. */
function eventWith(properties: object): never {
  return properties as never;
}
