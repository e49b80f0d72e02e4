import type { CommandName, CommandParams, CommandResult, Reply, ServerEvent } from "@multichat/protocol";
import type { Clock } from "../core/clock.ts";
import { Signal } from "../core/signal.ts";
import { ClientBusy, CommandError, ConnectionLost, ReplyTimeout } from "../model/errors.ts";
import { countBytes, describeOversize, type ServerLimits } from "../model/server-limits.ts";
import { Connection, type ConnectionOptions } from "./connection.ts";
import { FrameQueue } from "./frame-queue.ts";
import type { RequestOptions } from "./request-options.ts";

/** The most commands without a reply, including those that wait to be sent. */
const MAX_PENDING_COMMANDS = 256;

export interface TransportOptions extends ConnectionOptions {
  readonly replyTimeoutMs: number;
  /** The sustained rate; undefined for that of the server, less a margin. */
  readonly commandsPerSecond: number | undefined;
  readonly serverLimits: ServerLimits;
}

/** The part of the server's rate that is used, because its clock and this one are not synchronized. */
const RATE_SHARE = 0.8;

interface PendingCommand {
  readonly name: CommandName;
  resolve(ok: unknown): void;
  reject(error: unknown): void;
}

/** Commands, their replies, and the server's events, over the connection. */
export class Transport {
  readonly connection: Connection;
  readonly eventReceived = new Signal<ServerEvent>();
  /** The connection has closed, and the pending commands were rejected. */
  readonly closed = new Signal<void>();
  readonly #clock: Clock;
  readonly #replyTimeoutMs: number;
  readonly #serverLimits: ServerLimits;
  readonly #frames: FrameQueue;
  readonly #pending = new Map<number, PendingCommand>();
  #lastId = 0;
  /** Of the frames that were sent over this connection. */
  #largestFrame = "";

  constructor(options: TransportOptions) {
    const { clock, replyTimeoutMs, serverLimits } = options;
    this.#clock = clock;
    this.#replyTimeoutMs = replyTimeoutMs;
    this.connection = new Connection(options);
    this.#serverLimits = serverLimits;
    const commandsPerSecond = () => chooseRate(options);
    this.#frames = new FrameQueue({ clock, commandsPerSecond, connection: this.connection });
    // Of the frames of the connection, the largest was refused.
    this.connection.frameRefused.subscribe(() => serverLimits.frameRefused(countBytes(this.#largestFrame)));
    this.connection.frameReceived.subscribe((data) => this.#receive(data));
    this.connection.closed.subscribe(() => this.#connectionClosed());
    this.connection.pingDue.subscribe((timeoutMs) => {
      // The connection watches for frames itself, so nothing has to wait for this reply.
      this.request("ping", {}, { timeoutMs }).catch(() => {});
    });
  }

  /** Sends a command and resolves with its reply. Rejects with CommandError, ConnectionLost, ReplyTimeout or ClientBusy. */
  readonly request = <N extends CommandName>(
    name: N,
    params: CommandParams<N>,
    { signal, timeoutMs = this.#replyTimeoutMs }: RequestOptions = {},
  ): Promise<CommandResult<N>> => {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#pending.size >= MAX_PENDING_COMMANDS) {
      return Promise.reject(
        new ClientBusy(
          `Expected at most ${MAX_PENDING_COMMANDS} commands without a reply; wait for some before ${name}.`,
        ),
      );
    }
    if (!this.connection.isOpen) {
      return Promise.reject(new ConnectionLost(`There is no connection for ${name}; send it again when there is one.`));
    }
    this.#lastId += 1;
    const id = this.#lastId;
    const frame = JSON.stringify({ id, do: name, ...params });
    const oversize = this.#serverLimits.areKnown ? describeOversize(frame, this.#serverLimits.current) : undefined;
    if (oversize !== undefined) {
      return Promise.reject(new CommandError(name, { code: "PAYLOAD_TOO_LARGE", message: oversize }));
    }
    return new Promise<CommandResult<N>>((resolve, reject) => {
      const onAbort = () => settle(() => reject(signal?.reason));
      const stopTimer = this.#clock.after(timeoutMs, () =>
        settle(() => reject(new ReplyTimeout(`No reply to ${name} arrived within ${timeoutMs} ms.`))),
      );
      signal?.addEventListener("abort", onAbort, { once: true });
      const settle = (end: () => void) => {
        this.#pending.delete(id);
        this.#frames.delete(id);
        stopTimer();
        signal?.removeEventListener("abort", onAbort);
        end();
      };
      this.#pending.set(id, {
        name,
        // Replies are not validated at run time: the server is ours, and its replies are tested against these types.
        resolve: (ok) => settle(() => resolve(ok as CommandResult<N>)),
        reject: (error) => settle(() => reject(error)),
      });
      if (frame.length > this.#largestFrame.length) this.#largestFrame = frame;
      // A ping measures the connection, so it must not wait behind other commands.
      if (name === "ping") this.connection.send(frame);
      else this.#frames.add(id, frame);
    });
  };

  #receive(data: string): void {
    const frame = parseFrame(data);
    if (frame === undefined) return;
    if ("re" in frame) {
      this.#settle(frame);
      return;
    }
    if (frame.on === "server.draining") this.connection.drain(frame.reconnectAfter);
    this.eventReceived.emit(frame);
  }

  /** Ignores a reply that no command waits for any more. */
  #settle(reply: Reply): void {
    const command = reply.re === null ? undefined : this.#pending.get(reply.re);
    if (command === undefined) return;
    if ("error" in reply) {
      if (reply.error.code === "RATE_LIMITED") this.#frames.pause(reply.error.retryAfter ?? 0);
      command.reject(new CommandError(command.name, reply.error));
    } else command.resolve(reply.ok);
  }

  #connectionClosed(): void {
    this.#largestFrame = "";
    this.#frames.reset();
    for (const command of [...this.#pending.values()]) {
      command.reject(new ConnectionLost(`The connection closed before the reply to ${command.name} arrived.`));
    }
    this.closed.emit();
  }
}

/** Returns undefined for a frame that is not of the protocol: the gap that a lost event leaves is detected by its seq. */
function parseFrame(data: string): Reply | ServerEvent | undefined {
  try {
    const frame: unknown = JSON.parse(data);
    if (typeof frame !== "object" || frame === null) return undefined;
    // The server is ours, so its frames have the protocol's types; unknown events are ignored where events are handled.
    return "re" in frame || "on" in frame ? (frame as Reply | ServerEvent) : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the sustained rate of commands: the chosen one, but not more than the server has reported. */
function chooseRate({ commandsPerSecond, serverLimits }: TransportOptions): number {
  const serverRate = RATE_SHARE * serverLimits.current.commandsPerSecond;
  if (commandsPerSecond === undefined) return serverRate;
  return serverLimits.reported?.commandsPerSecond === undefined
    ? commandsPerSecond
    : Math.min(commandsPerSecond, serverRate);
}
