import type { Socket } from "node:net";
import { clientFrame, PING, PONG, TEXT } from "../sockets/client-frame.ts";
import { FrameReader } from "../sockets/frame-reader.ts";
import { openSocket } from "../sockets/open-socket.ts";
import type { ProtocolClient } from "./protocol-client.ts";

/** The delay before a refused or cut connection is retried. */
const RECONNECT_MS = 500;

/** A loss of the network: when it was back, when a new connection was open, and when it had caught up. */
export interface Outage {
  readonly networkBackAt: number;
  openAt: number | undefined;
  caughtUpAt: number | undefined;
}

/** The messages that a connection has received in its room. */
export interface ReceivedCounts {
  /** The number of the latest message. */
  last: number;
  recordMessage: number;
  /** Messages that arrived again, or after a later one. */
  duplicated: number;
  /** Messages that were skipped by a later one. */
  missed: number;
}

/** One connection of a pool: it counts messages and reconnects. As cheap as possible, so that it is not what is measured. */
export class PooledConnection {
  readonly counts: ReceivedCounts = { last: 0, recordMessage: 0, duplicated: 0, missed: 0 };
  readonly client: ProtocolClient;
  readonly room: number;
  outage: Outage | undefined;
  onJoined: (() => void) | undefined;
  /** Called when the server cuts the connection. */
  onLost: (() => void) | undefined;
  readonly #port: number;
  readonly #address: string;
  /** Returns the number of the latest message that any connection of the room has received. */
  readonly #latestInRoom: () => number;
  #socket: Socket | undefined;
  #reconnectTimer: NodeJS.Timeout | undefined;
  /** The number up to which the connection has to catch up; undefined while it is not open. */
  #target: number | undefined;

  /** @param address the loopback address to connect from: each has about 28,000 ports */
  constructor(
    room: number,
    port: number,
    address: string,
    latestInRoom: () => number,
    createClient: (connection: PooledConnection) => ProtocolClient,
  ) {
    this.room = room;
    this.#port = port;
    this.#address = address;
    this.#latestInRoom = latestInRoom;
    this.client = createClient(this);
  }

  markJoined(): void {
    this.onJoined?.();
    this.onJoined = undefined;
    this.#checkCaughtUp();
  }

  received(n: number): void {
    const { counts } = this;
    if (n <= counts.last) {
      counts.duplicated += 1;
      return;
    }
    counts.missed += n - counts.last - 1;
    counts.last = n;
    counts.recordMessage += 1;
    this.#checkCaughtUp();
  }

  /** Connects, and retries until it is open. */
  connect(): void {
    const reader = new FrameReader((buffer, start, end, opcode) => {
      if (opcode === TEXT) this.client.handleFrame(buffer, start, end, this.send);
      else if (opcode === PING) this.#socket?.write(PONG);
    });
    const socket = openSocket({
      port: this.#port,
      localAddress: this.#address,
      request: this.client.request,
      onOpen: () => this.#handleOpen(),
      onBytes: (chunk, size) => reader.read(chunk, size),
      onRefused: (response) => {
        throw new Error(`Expected a WebSocket, got ${response}`);
      },
    });
    this.#socket = socket;
    socket.on("error", () => {});
    socket.once("close", () => {
      if (this.#socket !== socket) return;
      if (this.onLost !== undefined && this.isOpen) this.onLost();
      // Refused, or cut by the server: reconnect.
      this.#forgetSocket();
      this.#reconnectTimer = setTimeout(() => this.connect(), RECONNECT_MS);
    });
  }

  /** Drops the network. It is back `offlineMs` later, and the client reconnects `jitterMs` after that. */
  drop(offlineMs: number, jitterMs: number): void {
    const socket = this.#socket;
    this.#forgetSocket();
    clearTimeout(this.#reconnectTimer);
    socket?.resetAndDestroy();
    this.outage = { networkBackAt: performance.now() + offlineMs, openAt: undefined, caughtUpAt: undefined };
    this.#reconnectTimer = setTimeout(() => this.connect(), offlineMs + jitterMs);
  }

  readonly send = (text: string): void => {
    this.#socket?.write(clientFrame(text));
  };

  close(): void {
    clearTimeout(this.#reconnectTimer);
    const socket = this.#socket;
    this.#forgetSocket();
    socket?.destroy();
  }

  get isOpen(): boolean {
    return this.#target !== undefined;
  }

  #forgetSocket(): void {
    this.#socket = undefined;
    this.#target = undefined;
    this.client.handleClose();
  }

  #handleOpen(): void {
    this.#target = this.#latestInRoom();
    if (this.outage !== undefined) this.outage.openAt = performance.now();
    const frame = this.client.handleOpen();
    if (frame !== undefined) this.send(frame);
  }

  #checkCaughtUp(): void {
    const { outage } = this;
    if (outage === undefined || outage.caughtUpAt !== undefined || this.#target === undefined) return;
    if (this.counts.last >= this.#target) outage.caughtUpAt = performance.now();
  }
}
