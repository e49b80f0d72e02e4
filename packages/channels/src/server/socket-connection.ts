import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocketServer } from "ws";
import type { SharedFrame } from "../consumer/frame.ts";
import type { ConnectionState, QueuedFramesPolicy } from "../consumer/runner/connection-state.ts";
import type { Refusal, Transport } from "../consumer/runner/transport.ts";
import type { Flusher } from "./flusher.ts";
import { refuseHandshake } from "./handshake.ts";
import type { Heartbeat, HeartbeatTarget } from "./heartbeat.ts";
import { OutgoingQueue, type OutgoingQueueOwner } from "./outgoing-queue.ts";
import type { ServerMetrics } from "./server-metrics.ts";
import { type ResolvedServerOptions, toPlainText } from "./server-options.ts";
import type { ServerWebSocket, WebSocketHandler } from "./server-web-socket.ts";

/** What the connections of a server share. */
export interface ConnectionContext {
  readonly options: ResolvedServerOptions;
  readonly metrics: ServerMetrics;
  readonly flusher: Flusher;
  readonly heartbeat: Heartbeat;
  /** Creates `ServerWebSocket`s. */
  readonly webSockets: WebSocketServer;
  /** The subprotocol that was accepted for a request, which `ws` looks up when it responds. */
  readonly subprotocols: WeakMap<IncomingMessage, string>;
  /** Called when the socket is closed. */
  readonly onClosed: (connection: SocketConnection) => void;
  /** Called when the socket is closed and the consumer, if there was one, has ended. */
  readonly onEnded: (connection: SocketConnection) => void;
}

/** The consumer of a connection, as the connection and the server see it. */
export interface ConnectionListener {
  readonly state: ConnectionState;
  send(frame: SharedFrame): boolean;
  close(code: number, reason: string): void;
  /** Announces that the server is about to close the connection, and when the client should reconnect. */
  notifyDrain(reconnectAfterMs: number): void;
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

/** The key under which a socket has its connection, so that one listener serves all sockets. */
const CONNECTION: unique symbol = Symbol("connection");
type ConnectedSocket = Duplex & { [CONNECTION]?: SocketConnection };

const MAX_REASON_BYTES = 123;
/** The ready state of an open WebSocket. */
const OPEN = 1;
const SMALL_WINDOW = /server_max_window_bits\s*=\s*"?(?!15)\d/i;

/** The connection of an upgrade request: first a handshake that waits for a response, then a WebSocket. */
export class SocketConnection implements Transport, HeartbeatTarget, OutgoingQueueOwner, WebSocketHandler {
  // What the server keeps for a connection: a closure for each would take several times as much.
  /** The address that it counts for. */
  address: string | undefined;
  /** The user that it counts for. */
  user: string | undefined;
  /** The controller of its scope's signal. */
  abort: AbortController | undefined;
  heartbeatSlot: Set<HeartbeatTarget> | undefined;
  readonly #context: ConnectionContext;
  readonly #socket: ConnectedSocket;
  #upgrade: Upgrade | undefined;
  #phase: Phase = "handshake";
  #listener: ConnectionListener | undefined;
  #hasConsumerEnded = true;
  #webSocket: ServerWebSocket | undefined;
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
    this.#socket[CONNECTION] = this;
    socket.on("close", onSocketClose);
  }

  get listener(): ConnectionListener | undefined {
    return this.#listener;
  }

  /** Sets the consumer, and notifies it immediately if the socket is already closed. */
  setListener(listener: ConnectionListener): void {
    this.#listener = listener;
    this.#hasConsumerEnded = false;
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
    webSockets.handleUpgrade(request, this.#socket, head, (webSocket) =>
      // The cast holds: the server was created with this class.
      this.#onOpen(webSocket as ServerWebSocket, request.headers),
    );
  }

  refuse(refused: Refusal): void {
    if (this.#phase !== "handshake") return;
    this.#leaveHandshake("closing");
    this.#context.metrics.refused += 1;
    const { logger, refusalResponse } = this.#context.options;
    try {
      refuseHandshake(this.#socket, refused, refusalResponse(refused));
    } catch (error) {
      // A refusal may come from an event listener, where the error would end the process, and the client needs an answer.
      logger.error({ err: error, option: "refusalResponse" }, "failed to create the response to a refused handshake");
      refuseHandshake(this.#socket, refused, toPlainText(refused));
    }
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

  // Called by the WebSocket.

  onMessage(data: Buffer, binary: boolean): void {
    this.#isAlive = true;
    this.#listener?.onFrame(binary ? data : data.toString("utf8"), data.length);
  }

  onHeartbeat(): void {
    this.#isAlive = true;
  }

  onWebSocketError(error: Error & { readonly code?: unknown }): void {
    this.onWebSocketClose(closeCodeFor(error));
  }

  /** Handles the end of the WebSocket by a close frame, a protocol violation, or the end of its socket. */
  onWebSocketClose(code: number): void {
    if (this.#phase === "open") this.#phase = "closing";
    this.#outgoing?.end();
    this.#listener?.onEnd(code, "handle");
  }

  // Called by the queue of outgoing frames.

  get canWrite(): boolean {
    return this.#webSocket?.readyState === OPEN;
  }

  onDrained(): void {
    this.#isAlive = true;
    this.#listener?.onDrained();
  }

  onTooSlow(): void {
    const { metrics, options } = this.#context;
    metrics.slowCloses += 1;
    this.#startClosing(options.slowCloseCode, "too slow");
    this.#listener?.onEnd(options.slowCloseCode, "discard");
  }

  /** Called when the consumer has ended and released everything. */
  onConsumerEnded(): void {
    this.#hasConsumerEnded = true;
    if (this.#phase === "closed") this.#context.onEnded(this);
  }

  /** Called once, when the socket is closed. */
  onSocketClose(): void {
    const { heartbeat, metrics } = this.#context;
    if (this.#phase === "handshake") this.#leaveHandshake("closed");
    this.#phase = "closed";
    if (this.#webSocket !== undefined) {
      metrics.connections -= 1;
      heartbeat.remove(this);
    } else {
      this.#listener?.onEnd(1006, "discard");
    }
    // After the listeners of `ws`, which say why.
    queueMicrotask(() => {
      this.#context.onClosed(this);
      if (this.#hasConsumerEnded) this.#context.onEnded(this);
    });
  }

  #onOpen(webSocket: ServerWebSocket, headers: IncomingHttpHeaders): void {
    const { heartbeat, metrics } = this.#context;
    this.#webSocket = webSocket;
    webSocket.handler = this;
    // `ws` has a listener of its own, and two take more than this object.
    this.#socket.off("error", ignoreError);
    const isCompressed = canCompress(webSocket, headers);
    this.#outgoing = new OutgoingQueue(this.#context, this, this.#socket, { isCompressed });
    metrics.accepted += 1;
    metrics.connections += 1;
    heartbeat.add(this);
  }

  #startClosing(code: number, reason: string): void {
    this.#phase = "closing";
    this.#outgoing?.end();
    this.#webSocket?.resume();
    this.#webSocket?.close(code, truncateReason(reason));
  }

  #leaveHandshake(phase: Phase): void {
    this.#phase = phase;
    this.#upgrade = undefined;
    this.#context.metrics.handshakes -= 1;
  }
}

function ignoreError(): void {}

function onSocketClose(this: ConnectedSocket): void {
  this[CONNECTION]?.onSocketClose();
}

/**
 * Shared frames are compressed with the default window, so a client that requires a smaller one gets them uncompressed.
 */
function canCompress(webSocket: ServerWebSocket, headers: IncomingHttpHeaders): boolean {
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
