import type { GroupFrame } from "@multichat/channels/protocol";
import type { Connection } from "../connection/connection.ts";
import type { ConnectionState } from "../connection/connection-state.ts";
import { checkOptions } from "../core/check-options.ts";
import { checkRange } from "../core/check-range.ts";
import { TokenBucket } from "../core/token-bucket.ts";
import type { ResolvedOptions } from "../options.ts";
import { ClientError, type ClientErrorCode, CommandError } from "./errors.ts";

export interface CallOptions {
  /** How long the call takes at most, in milliseconds, with the wait for a connection. @default the client's `timeoutMs` */
  readonly timeoutMs?: number;
  /** Rejects the call with the signal's reason, and asks the server to cancel the command. */
  readonly signal?: AbortSignal;
  /**
   * Whether the command is sent again when the connection broke before its reply.
   * @default whether the client's `repeatable` names the command
   */
  readonly repeat?: boolean;
}

/** One of them is called, once. Neither throws. */
interface CallOutcome {
  resolve(ok: unknown, groups?: readonly GroupFrame[]): void;
  reject(error: unknown): void;
}

/** What the other parts of the client ask of a call. */
export interface ConnectionCallOptions extends CallOptions {
  /** Whether it makes sense on the present connection alone: it ends with it, sent or not. */
  readonly isBound?: boolean;
  /** Whether it is sent before the calls that wait for the connection. Only while the connection opens. */
  readonly isFirst?: boolean;
  /** Called when it is sent. */
  readonly onSent?: () => void;
}

interface PendingCall extends CallOutcome {
  readonly name: string;
  readonly frame: string;
  readonly canRepeat: boolean;
  /** Whether it makes sense on the present connection alone: it neither waits for the next one nor is repeated there. */
  readonly isBound: boolean;
  readonly onSent: (() => void) | undefined;
  /** On the present connection. */
  isSent: boolean;
  wasSent: boolean;
}

/** A reply of the server, as `ReplyFrame` of the protocol. */
interface Reply {
  readonly re: number | null;
  readonly ok?: unknown;
  readonly groups?: readonly GroupFrame[];
  readonly error?: { readonly code: string; readonly message: string; readonly details?: unknown };
}

const ENCODER = new TextEncoder();

/** The commands without a reply, in the order of their calls. Each settles exactly once. */
export class Calls {
  readonly #options: ResolvedOptions;
  readonly #connection: Pick<Connection, "state" | "isUnused" | "canSend" | "send" | "leaveIfIdle">;
  readonly #pending = new Map<number, PendingCall>();
  /** How many of them `maxCalls` bounds: not those that end with the connection, of which the subscriptions have one each. */
  #counted = 0;
  /** Those of them that are to be sent, in order. */
  readonly #waiting = new Map<number, PendingCall>();
  /** Those that are sent before them. */
  readonly #first = new Map<number, PendingCall>();
  /**
   * Cancellations and pings to be sent before any call. Not more than `maxCalls` and a ping: while there is one, no call is sent
   * that could be canceled.
   */
  readonly #control: string[] = [];
  readonly #bucket: TokenBucket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether the calls that have waited for the connection may go out. */
  #isOpen = false;
  #isBinding = false;
  /** The largest frame that was sent on the present connection, in bytes. */
  #largestFrame = 0;
  /** What the server may handle before the latest ping. */
  #sentBeforePing: readonly number[] = [];
  /** Never used again, so that a late reply finds no other call. */
  #lastId = 0;

  constructor(
    options: ResolvedOptions,
    connection: Pick<Connection, "state" | "isUnused" | "canSend" | "send" | "leaveIfIdle">,
  ) {
    this.#options = options;
    this.#connection = connection;
    // It lasts longer than a connection: the server may count what a user sends over all of them.
    this.#bucket = options.rate && new TokenBucket(options.rate);
  }

  /** Whether commands have been sent and wait for their replies. */
  get isBusy(): boolean {
    for (const { isSent } of this.#pending.values()) if (isSent) return true;
    return false;
  }

  /** Whether a command that was sent before the latest ping still waits for its reply. */
  get isPongDelayed(): boolean {
    return this.#sentBeforePing.some((id) => this.#pending.has(id));
  }

  call(name: string, input: object, options: CallOptions = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      checkOptions<CallOptions>(options, { signal: 1, timeoutMs: 1, repeat: 1 });
      this.start(name, input, options, { resolve, reject });
    });
  }

  /**
   * Makes a call whose outcome is reported at once, before the next frame is handled and before the end of the connection is.
   * @throws RangeError for `timeoutMs`; TypeError for what JSON cannot carry
   */
  start(name: string, input: object, options: ConnectionCallOptions, outcome: CallOutcome): void {
    const { maxCalls, repeatable } = this.#options;
    // Undefined also where the application leaves it undefined under a condition: then a repeat would run the command twice.
    const key = Object.hasOwn(repeatable, name) ? repeatable[name] : undefined;
    const { signal, timeoutMs = this.#options.timeoutMs, repeat = key !== undefined } = options;
    const { isFirst = false, isBound = this.#isBinding, onSent } = options;
    if (signal?.aborted) {
      outcome.reject(signal.reason);
      return;
    }
    const refusal = this.#findRefusal({ isBound });
    if (refusal !== undefined) {
      outcome.reject(new ClientError(refusal, describe(refusal, name, maxCalls)));
      return;
    }
    checkRange("timeoutMs", timeoutMs);
    this.#lastId += 1;
    const id = this.#lastId;
    const keyed = typeof key === "string" ? { [key]: randomKey(), ...withoutUndefined(input, key) } : input;
    // Throws before anything is registered.
    const frame = JSON.stringify({ ...keyed, id, do: name });
    const onAbort = () => this.#giveUp(id, signal?.reason);
    const timer = setTimeout(() => {
      this.#giveUp(id, new ClientError("TIMEOUT", describe("TIMEOUT", name, timeoutMs), call.wasSent));
    }, timeoutMs);
    const settle = () => {
      if (!isBound && this.#pending.has(id)) this.#counted -= 1;
      for (const calls of [this.#pending, this.#waiting, this.#first]) calls.delete(id);
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    const call: PendingCall = {
      name,
      frame,
      canRepeat: repeat,
      isBound,
      onSent,
      isSent: false,
      wasSent: false,
      resolve(ok, groups) {
        settle();
        outcome.resolve(ok, groups);
      },
      reject(error) {
        settle();
        outcome.reject(error);
      },
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#pending.set(id, call);
    if (!isBound) this.#counted += 1;
    (isFirst ? this.#first : this.#waiting).set(id, call);
    this.#flush();
  }

  /** Calls that the function makes are for the present connection alone: they end with it, sent or not. */
  bindToConnection<T>(run: () => T): T {
    this.#isBinding = true;
    try {
      return run();
    } finally {
      this.#isBinding = false;
    }
  }

  /** Sends a command whose reply is not awaited. It need not exist: its refusal is a sign of life, too. */
  sendPing(): void {
    this.#sentBeforePing = [...this.#pending].filter(([, { isSent }]) => isSent).map(([id]) => id);
    this.#lastId += 1;
    this.#sendControl({ id: this.#lastId, do: "ping" });
  }

  /** There is a connection: sends what waits, in the order of the calls. */
  onOpen(): void {
    this.#isOpen = true;
    this.#flush();
  }

  onReply({ re, ok, error, groups }: Reply): void {
    const call = re === null ? undefined : this.#pending.get(re);
    // A call that has timed out or was aborted.
    if (call === undefined) return;
    if (error === undefined) call.resolve(ok, groups);
    else call.reject(new CommandError(call.name, error.code, error.message, error.details));
    this.#connection.leaveIfIdle();
  }

  /**
   * The connection has ended. After `isTooBig`, one of the commands was too large, and would be again: the largest one, because
   * those that had a reply were not. It may have been given up since, and then none of the others is known to be.
   */
  onLost({ isTooBig }: { readonly isTooBig: boolean }): void {
    this.#isOpen = false;
    this.#control.length = 0;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.clear();
    for (const [id, call] of [...this.#pending]) {
      const isTooLarge = isTooBig && call.isSent && byteLength(call.frame) >= this.#largestFrame;
      const isLost = call.isSent && !call.canRepeat;
      call.isSent = false;
      if (isTooLarge) call.reject(failure("COMMAND_TOO_LARGE", call));
      else if (isLost || call.isBound) call.reject(failure("CONNECTION_LOST", call));
      else this.#waiting.set(id, call);
    }
    this.#largestFrame = 0;
  }

  rejectAll(code: "CLIENT_CLOSED" | "NOT_CONNECTED"): void {
    for (const call of [...this.#pending.values()]) call.reject(failure(code, call));
  }

  #findRefusal({ isBound }: { readonly isBound: boolean }): ClientErrorCode | undefined {
    const { isUnused } = this.#connection;
    const state: ConnectionState = this.#connection.state;
    if (!isBound && this.#counted >= this.#options.maxCalls) return "TOO_MANY_CALLS";
    if (state.phase === "closed" && !isUnused)
      return state.reason.kind === "client" ? "CLIENT_CLOSED" : "NOT_CONNECTED";
    // While it moves to another server, the next connection is a matter of milliseconds.
    return this.#options.offline === "fail" && state.phase !== "open" ? "NOT_CONNECTED" : undefined;
  }

  #sendControl(frame: object): void {
    this.#control.push(JSON.stringify(frame));
    this.#flush();
  }

  /** Sends what waits, as far as the rate allows; the rest follows by itself. */
  #flush(): void {
    for (let send = this.#next(); send !== undefined; send = this.#next()) {
      const delayMs = this.#bucket?.take() ?? 0;
      if (delayMs > 0) {
        this.#timer ??= setTimeout(() => {
          this.#timer = undefined;
          this.#flush();
        }, delayMs);
        return;
      }
      send();
    }
  }

  /** Returns what sends the next frame, if there is one and it can be sent. */
  #next(): (() => void) | undefined {
    if (this.#connection.state.phase !== "open") return undefined;
    const control = this.#control[0];
    if (control !== undefined) {
      return () => {
        this.#control.shift();
        this.#connection.send(control);
      };
    }
    if (!this.#connection.canSend) return undefined;
    for (const calls of this.#isOpen ? [this.#first, this.#waiting] : [this.#first]) {
      for (const [id, call] of calls) {
        return () => {
          calls.delete(id);
          this.#send(call);
        };
      }
    }
    return undefined;
  }

  #send(call: PendingCall): void {
    call.isSent = true;
    call.wasSent = true;
    this.#largestFrame = Math.max(this.#largestFrame, byteLength(call.frame));
    this.#connection.send(call.frame);
    call.onSent?.();
  }

  #giveUp(id: number, error: unknown): void {
    const call = this.#pending.get(id);
    if (call === undefined) return;
    if (call.isSent) this.#sendControl({ cancel: id });
    call.reject(error);
    this.#connection.leaveIfIdle();
  }
}

/** Returns 128 random bits as text, for an idempotency key. */
export function randomKey(): string {
  // `randomUUID` exists only in secure contexts.
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A key that the caller left undefined is one that the client fills in. */
function withoutUndefined(input: object, key: string): object {
  const { [key]: value, ...rest } = input as Readonly<Record<string, unknown>>;
  return value === undefined ? rest : input;
}

function failure(code: ClientErrorCode, { name, wasSent }: PendingCall): ClientError {
  return new ClientError(code, describe(code, name, 0), wasSent);
}

function describe(code: ClientErrorCode, name: string, bound: number): string {
  switch (code) {
    case "TIMEOUT":
      return `No reply to ${name} arrived within ${bound} ms.`;
    case "CONNECTION_LOST":
      return `The connection ended before the reply to ${name} arrived.`;
    case "COMMAND_TOO_LARGE":
      return `The server takes no command as large as this ${name}.`;
    case "TOO_MANY_CALLS":
      return `Expected at most ${bound} calls without a reply; wait for some before ${name}.`;
    case "CLIENT_CLOSED":
      return `The client is closed; call connect() before ${name}.`;
    default:
      return `There is no connection for ${name}.`;
  }
}

function byteLength(text: string): number {
  return ENCODER.encode(text).length;
}
