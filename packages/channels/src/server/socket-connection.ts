import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket, WebSocketServer } from "ws";
import type { SharedFrame } from "../consumer/frame.ts";
import type { Refused, Transport } from "../consumer/transport.ts";
import type { QueuedFrames } from "../consumer/websocket-session.ts";
import type { Flusher } from "./flusher.ts";
import { refuseHandshake } from "./handshake.ts";
import type { Beating, Heartbeat } from "./heartbeat.ts";
import { OutgoingQueue } from "./outgoing-queue.ts";
import type { ServerMetrics } from "./server-metrics.ts";
import type { ResolvedServerOptions } from "./server-options.ts";

/** What the connections of a server have in common. */
export interface ConnectionHouse {
  readonly options: ResolvedServerOptions;
  readonly metrics: ServerMetrics;
  readonly flusher: Flusher;
  readonly heartbeat: Heartbeat;
  readonly webSockets: WebSocketServer;
  /** The subprotocol that was accepted for a request; `ws` asks for it while it answers. */
  readonly subprotocols: WeakMap<IncomingMessage, string>;
}

/** Who is told what happens on a connection. */
export interface ConnectionListener {
  frameArrived(content: string | Uint8Array, bytes: number): void;
  connectionEnded(code: number, queuedFrames: QueuedFrames): void;
}

/** The request that the handshake answers; let go of afterwards, since it is larger than all the rest. */
interface Upgrade {
  readonly request: IncomingMessage;
  readonly head: Buffer;
}

type Phase = "handshake" | "open" | "closing" | "closed";

const maxReasonBytes = 123;
const smallWindow = /server_max_window_bits\s*=\s*"?(?!15)\d/i;

/** An upgraded HTTP request: first a handshake to be answered, then a WebSocket. */
export class SocketConnection implements Transport, Beating {
  /** Resolves when the socket is gone. */
  readonly gone: Promise<void>;
  readonly #house: ConnectionHouse;
  readonly #socket: Duplex;
  #upgrade: Upgrade | undefined;
  #phase: Phase = "handshake";
  #listener: ConnectionListener | undefined;
  #webSocket: WebSocket | undefined;
  #outgoing: OutgoingQueue | undefined;
  #lively = true;
  #missed = 0;

  constructor(house: ConnectionHouse, request: IncomingMessage, socket: Duplex, head: Buffer) {
    this.#house = house;
    this.#socket = socket;
    this.#upgrade = { request, head };
    house.metrics.handshakes += 1;
    // Without a listener an error of the socket would end the process; what it means comes with "close".
    socket.on("error", ignoreError);
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gone = promise;
    socket.once("close", () => {
      this.#lost();
      resolve();
    });
  }

  /** From now on this one is told; at once if the socket is gone already. */
  listen(listener: ConnectionListener): void {
    this.#listener = listener;
    if (this.#phase === "closed") listener.connectionEnded(1006, "discard");
  }

  get inHandshake(): boolean {
    return this.#phase === "handshake";
  }

  get bufferedBytes(): number {
    return this.#outgoing?.bytes ?? 0;
  }

  accept(subprotocol: string | undefined): void {
    const upgrade = this.#upgrade;
    if (this.#phase !== "handshake" || upgrade === undefined) return;
    const { request, head } = upgrade;
    const { subprotocols, webSockets } = this.#house;
    if (subprotocol !== undefined) subprotocols.set(request, subprotocol);
    this.#leaveHandshake("open");
    // Calls back before it returns, or destroys the socket when the client has gone.
    webSockets.handleUpgrade(request, this.#socket, head, (webSocket) => this.#opened(webSocket, request));
  }

  refuse(refused: Refused): void {
    if (this.#phase !== "handshake") return;
    this.#leaveHandshake("closing");
    this.#house.metrics.refused += 1;
    refuseHandshake(this.#socket, refused);
  }

  send(frame: SharedFrame): boolean {
    const taken = this.#outgoing?.push(frame) === true;
    if (taken) this.#house.metrics.deliveries += 1;
    return taken;
  }

  close(code: number, reason: string): void {
    if (this.#phase !== "open") return;
    this.#outgoing?.flushAll();
    this.#startClosing(code, reason);
  }

  /** Ends it without a close frame. */
  terminate(): void {
    this.#socket.destroy();
  }

  pause(): void {
    this.#webSocket?.pause();
  }

  resume(): void {
    this.#webSocket?.resume();
  }

  beat(): void {
    const webSocket = this.#webSocket;
    if (webSocket === undefined || this.#phase !== "open") return;
    // While we do not read, silence is ours and not the client's.
    if (this.#lively || webSocket.isPaused) {
      this.#missed = 0;
    } else {
      this.#missed += 1;
      if (this.#missed >= this.#house.options.missedHeartbeats) {
        this.#house.metrics.deadPeers += 1;
        this.terminate();
        return;
      }
    }
    this.#lively = false;
    webSocket.ping();
  }

  #opened(webSocket: WebSocket, { headers }: IncomingMessage): void {
    const { flusher, heartbeat, metrics, options } = this.#house;
    this.#webSocket = webSocket;
    this.#outgoing = new OutgoingQueue({
      socket: this.#socket,
      flusher,
      metrics,
      maxBytes: options.maxQueuedBytes,
      compressFrom: compresses(webSocket, headers) ? options.compressFrom : Number.POSITIVE_INFINITY,
      isOpen: () => webSocket.readyState === webSocket.OPEN,
      onTooSlow: () => this.#tooSlow(),
    });
    metrics.accepted += 1;
    metrics.connections += 1;
    heartbeat.add(this);
    webSocket.on("message", (data: Buffer, binary: boolean) => {
      this.#lively = true;
      this.#listener?.frameArrived(binary ? data : data.toString("utf8"), data.length);
    });
    webSocket.on("pong", () => {
      this.#lively = true;
    });
    webSocket.on("ping", () => {
      this.#lively = true;
    });
    // A client that breaks the protocol: `ws` has sent the close frame, and waits for the client's.
    webSocket.on("error", (error) => this.#ended(violationCode(error)));
    webSocket.on("close", (code) => this.#ended(code));
  }

  #tooSlow(): void {
    const { metrics, options } = this.#house;
    metrics.slowCloses += 1;
    this.#startClosing(options.slowCloseCode, "too slow");
    this.#listener?.connectionEnded(options.slowCloseCode, "discard");
  }

  #startClosing(code: number, reason: string): void {
    this.#phase = "closing";
    this.#outgoing?.end();
    this.#webSocket?.resume();
    this.#webSocket?.close(code, cut(reason));
  }

  /** The WebSocket is over: by a close frame, a violation, or with its socket. */
  #ended(code: number): void {
    if (this.#phase === "open") this.#phase = "closing";
    this.#outgoing?.end();
    this.#listener?.connectionEnded(code, "handle");
  }

  #lost(): void {
    const { heartbeat, metrics } = this.#house;
    if (this.#phase === "handshake") this.#leaveHandshake("closed");
    this.#phase = "closed";
    if (this.#webSocket !== undefined) {
      metrics.connections -= 1;
      heartbeat.remove(this);
    } else {
      this.#listener?.connectionEnded(1006, "discard");
    }
  }

  #leaveHandshake(phase: Phase): void {
    this.#phase = phase;
    this.#upgrade = undefined;
    this.#house.metrics.handshakes -= 1;
  }
}

function ignoreError(): void {}

/** A frame that is shared is compressed with the usual window: a client that asks for a smaller one gets it plain. */
function compresses(webSocket: WebSocket, headers: IncomingHttpHeaders): boolean {
  return webSocket.extensions !== "" && !smallWindow.test(headers["sec-websocket-extensions"] ?? "");
}

/** The close code that `ws` sent for a violation; it tells the error, not the code. */
function violationCode(error: Error & { readonly code?: unknown }): number {
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

/** A close frame has room for 123 bytes of reason. */
function cut(reason: string): string {
  if (Buffer.byteLength(reason) <= maxReasonBytes) return reason;
  const bytes = Buffer.from(reason);
  let end = maxReasonBytes;
  // Not within a character: a continuation byte is 10xxxxxx.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString("utf8", 0, end);
}
