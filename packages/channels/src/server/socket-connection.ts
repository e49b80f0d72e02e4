import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket, WebSocketServer } from "ws";
import type { SharedFrame } from "../consumer/frame.ts";
import type { QueuedFramesPolicy } from "../consumer/runner/connection-state.ts";
import type { Refusal, Transport } from "../consumer/runner/transport.ts";
import type { Flusher } from "./flusher.ts";
import { refuseHandshake } from "./handshake.ts";
import type { Heartbeat, HeartbeatTarget } from "./heartbeat.ts";
import { OutgoingQueue } from "./outgoing-queue.ts";
import type { ServerMetrics } from "./server-metrics.ts";
import type { ResolvedServerOptions } from "./server-options.ts";

/** What the connections of a server share. */
export interface ConnectionContext {
  readonly options: ResolvedServerOptions;
  readonly metrics: ServerMetrics;
  readonly flusher: Flusher;
  readonly heartbeat: Heartbeat;
  readonly webSockets: WebSocketServer;
  /** The subprotocol that was accepted for a request, which `ws` looks up when it responds. */
  readonly subprotocols: WeakMap<IncomingMessage, string>;
}

/** The listener of a connection. */
export interface ConnectionListener {
  onFrame(content: string | Uint8Array, bytes: number): void;
  onEnd(code: number, queuedFrames: QueuedFramesPolicy): void;
  /** The client has read, so that frames which waited for that can be handled. */
  onDrained(): void;
}

/** The upgrade request. It is released after the handshake, because it is larger than the rest of the connection. */
interface Upgrade {
  readonly request: IncomingMessage;
  readonly head: Buffer;
}

type Phase = "handshake" | "open" | "closing" | "closed";

const MAX_REASON_BYTES = 123;
const SMALL_WINDOW = /server_max_window_bits\s*=\s*"?(?!15)\d/i;

/** The connection of an upgrade request: first a handshake that waits for a response, then a WebSocket. */
export class SocketConnection implements Transport, HeartbeatTarget {
  /** Resolves when the socket is closed. */
  readonly closed: Promise<void>;
  readonly #context: ConnectionContext;
  readonly #socket: Duplex;
  #upgrade: Upgrade | undefined;
  #phase: Phase = "handshake";
  #listener: ConnectionListener | undefined;
  #webSocket: WebSocket | undefined;
  #outgoing: OutgoingQueue | undefined;
  #isAlive = true;
  #missedHeartbeats = 0;

  constructor(context: ConnectionContext, request: IncomingMessage, socket: Duplex, head: Buffer) {
    this.#context = context;
    this.#socket = socket;
    this.#upgrade = { request, head };
    context.metrics.handshakes += 1;
    // Without a listener, a socket error would end the process. "close" follows and is handled.
    socket.on("error", ignoreError);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    socket.once("close", () => {
      this.#onSocketClose();
      resolve();
    });
  }

  /** Sets the listener, and notifies it immediately if the socket is already closed. */
  setListener(listener: ConnectionListener): void {
    this.#listener = listener;
    if (this.#phase === "closed") listener.onEnd(1006, "discard");
  }

  get isInHandshake(): boolean {
    return this.#phase === "handshake";
  }

  get bufferedBytes(): number {
    return this.#outgoing?.bytes ?? 0;
  }

  get isCongested(): boolean {
    return this.#outgoing?.isCongested === true;
  }

  accept(subprotocol: string | undefined): void {
    const upgrade = this.#upgrade;
    if (this.#phase !== "handshake" || upgrade === undefined) return;
    const { request, head } = upgrade;
    const { subprotocols, webSockets } = this.#context;
    if (subprotocol !== undefined) subprotocols.set(request, subprotocol);
    this.#leaveHandshake("open");
    // Calls back before it returns, or destroys the socket when the client has disconnected.
    webSockets.handleUpgrade(request, this.#socket, head, (webSocket) => this.#onOpen(webSocket, request));
  }

  refuse(refused: Refusal): void {
    if (this.#phase !== "handshake") return;
    this.#leaveHandshake("closing");
    this.#context.metrics.refused += 1;
    refuseHandshake(this.#socket, refused, this.#context.options.refusalResponse(refused));
  }

  send(frame: SharedFrame): boolean {
    const isQueued = this.#outgoing?.push(frame) === true;
    if (isQueued) this.#context.metrics.deliveries += frame.count;
    return isQueued;
  }

  close(code: number, reason: string): void {
    if (this.#phase !== "open") return;
    this.#outgoing?.flushAll();
    this.#startClosing(code, reason);
  }

  /** Ends the connection without a close frame. */
  terminate(): void {
    this.#socket.destroy();
  }

  pause(): void {
    this.#webSocket?.pause();
  }

  resume(): void {
    this.#webSocket?.resume();
  }

  checkHeartbeat(): void {
    const webSocket = this.#webSocket;
    if (webSocket === undefined || this.#phase !== "open") return;
    // While reading is paused, pongs of the client are not seen. But a client that has sent so much and reads nothing,
    // not even what has waited for a whole interval, is dead to us.
    if (this.#isAlive || (webSocket.isPaused && !this.isCongested)) {
      this.#missedHeartbeats = 0;
    } else {
      this.#missedHeartbeats += 1;
      if (this.#missedHeartbeats >= this.#context.options.missedHeartbeats) {
        this.#context.metrics.deadPeers += 1;
        this.terminate();
        return;
      }
    }
    this.#isAlive = false;
    webSocket.ping();
  }

  #onOpen(webSocket: WebSocket, { headers }: IncomingMessage): void {
    const { flusher, heartbeat, metrics, options } = this.#context;
    this.#webSocket = webSocket;
    this.#outgoing = new OutgoingQueue({
      socket: this.#socket,
      flusher,
      metrics,
      maxBytes: options.maxQueuedBytes,
      compressFromBytes: canCompress(webSocket, headers) ? options.compressFromBytes : Number.POSITIVE_INFINITY,
      isOpen: () => webSocket.readyState === webSocket.OPEN,
      onTooSlow: () => this.#onTooSlow(),
      onDrained: () => this.#onDrained(),
    });
    metrics.accepted += 1;
    metrics.connections += 1;
    heartbeat.add(this);
    webSocket.on("message", (data: Buffer, binary: boolean) => {
      this.#isAlive = true;
      this.#listener?.onFrame(binary ? data : data.toString("utf8"), data.length);
    });
    webSocket.on("pong", () => {
      this.#isAlive = true;
    });
    webSocket.on("ping", () => {
      this.#isAlive = true;
    });
    // The client violated the protocol: `ws` has sent a close frame and waits for the client's.
    webSocket.on("error", (error) => this.#onWebSocketEnd(closeCodeFor(error)));
    webSocket.on("close", (code) => this.#onWebSocketEnd(code));
  }

  #onDrained(): void {
    this.#isAlive = true;
    this.#listener?.onDrained();
  }

  #onTooSlow(): void {
    const { metrics, options } = this.#context;
    metrics.slowCloses += 1;
    this.#startClosing(options.slowCloseCode, "too slow");
    this.#listener?.onEnd(options.slowCloseCode, "discard");
  }

  #startClosing(code: number, reason: string): void {
    this.#phase = "closing";
    this.#outgoing?.end();
    this.#webSocket?.resume();
    this.#webSocket?.close(code, truncateReason(reason));
  }

  /** Handles the end of the WebSocket by a close frame, a protocol violation, or the end of its socket. */
  #onWebSocketEnd(code: number): void {
    if (this.#phase === "open") this.#phase = "closing";
    this.#outgoing?.end();
    this.#listener?.onEnd(code, "handle");
  }

  #onSocketClose(): void {
    const { heartbeat, metrics } = this.#context;
    if (this.#phase === "handshake") this.#leaveHandshake("closed");
    this.#phase = "closed";
    if (this.#webSocket !== undefined) {
      metrics.connections -= 1;
      heartbeat.remove(this);
    } else {
      this.#listener?.onEnd(1006, "discard");
    }
  }

  #leaveHandshake(phase: Phase): void {
    this.#phase = phase;
    this.#upgrade = undefined;
    this.#context.metrics.handshakes -= 1;
  }
}

function ignoreError(): void {}

/**
 * Shared frames are compressed with the default window, so a client that requires a smaller one gets them uncompressed.
 */
function canCompress(webSocket: WebSocket, headers: IncomingHttpHeaders): boolean {
  return webSocket.extensions !== "" && !SMALL_WINDOW.test(headers["sec-websocket-extensions"] ?? "");
}

/** Returns the close code that `ws` sent for a protocol violation: it reports the error, but not the code. */
function closeCodeFor(error: Error & { readonly code?: unknown }): number {
  switch (error.code) {
    case "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH":
    case "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH":
      return 1009;
    case "WS_ERR_INVALID_UTF8":
      return 1007;
    case "WS_ERR_TOO_MANY_BUFFERED_PARTS":
      return 1008;
    default:
      return typeof error.code === "string" && error.code.startsWith("WS_ERR_") ? 1002 : 1006;
  }
}

/** Truncates a close reason to the 123 bytes that a close frame can hold. */
function truncateReason(reason: string): string {
  if (Buffer.byteLength(reason) <= MAX_REASON_BYTES) return reason;
  const bytes = Buffer.from(reason);
  let end = MAX_REASON_BYTES;
  // A continuation byte (10xxxxxx) must not be separated from its character.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString("utf8", 0, end);
}
