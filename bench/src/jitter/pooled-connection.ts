import { connect, type Socket } from "node:net";
import { clientFrame } from "../fanout/member.ts";
import { FrameReader } from "./frame-reader.ts";
import type { ProtocolClient } from "./protocol-client.ts";

const READ_BYTES = 256 * 1024;
// All sockets share one read buffer: each read is processed before the next one.
const READ_BUFFER = Buffer.allocUnsafe(READ_BYTES);
const HANDSHAKE_END = Buffer.from("\r\n\r\n");
const TEXT = 1;
const PING = 9;
/** A pong masked with zeros, without a payload, as the server's pings have none. */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
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
    let handshake = Buffer.alloc(0);
    let isUpgraded = false;
    const socket = connect({
      port: this.#port,
      host: "127.0.0.1",
      localAddress: this.#address,
      noDelay: true,
      onread: {
        buffer: READ_BUFFER,
        callback: (size, bytes) => {
          const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
          if (isUpgraded) {
            reader.read(buffer, size);
            return true;
          }
          handshake = Buffer.concat([handshake, buffer.subarray(0, size)]);
          const end = handshake.indexOf(HANDSHAKE_END);
          if (end === -1) return true;
          if (!handshake.toString("latin1", 0, 12).endsWith(" 101")) {
            throw new Error(`Expected a WebSocket, got ${handshake.toString("latin1", 0, 300)}`);
          }
          isUpgraded = true;
          this.#handleOpen();
          const rest = handshake.subarray(end + HANDSHAKE_END.length);
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
      // Refused, or cut by the server: reconnect.
      this.#forgetSocket();
      this.#reconnectTimer = setTimeout(() => this.connect(), RECONNECT_MS);
    });
    socket.write(this.client.request);
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
