import { checkOptions } from "../options.ts";
import { type CommandError, type CommandErrorOptions, commandError } from "../protocol/command-error.ts";
import type { Protocol, ProtocolErrorCode } from "../protocol/define-protocol.ts";
import type { GroupFrame, PositionFrame } from "../protocol/wire.ts";
import type { GroupSubscribeOptions, GroupSubscription } from "./group-subscription.ts";

/** What a command asks of its subscription. */
export interface SubscriptionRequest {
  readonly since: PositionFrame | undefined;
  readonly limit: number | undefined;
  /** Returns why the command has timed out or was canceled; undefined while it goes on. */
  readonly cancellation: () => CommandError | undefined;
}

export interface CallContext {
  readonly id: number;
  readonly command: string;
  readonly signal: AbortSignal;
  /** The client's last positions by group, of a command that it runs again. */
  readonly since?: ReadonlyMap<string, PositionFrame> | undefined;
  subscribe(group: string, subscription: SubscriptionRequest): Promise<GroupFrame>;
}

/** One command under way. */
export class Call<P extends Protocol = Protocol> {
  /** The client's number of the command. */
  readonly id: number;
  readonly command: string;
  readonly #protocol: P;
  readonly #connection: AbortSignal;
  // Most handlers do not ask for the signal.
  #controller: AbortController | undefined;
  #reason: CommandError | undefined;
  readonly #context: CallContext;
  #groups: readonly GroupFrame[] | undefined;

  constructor(protocol: P, context: CallContext) {
    this.id = context.id;
    this.command = context.command;
    this.#protocol = protocol;
    this.#connection = context.signal;
    this.#context = context;
  }

  /** The groups that the command has subscribed to, for its reply. */
  get groups(): readonly GroupFrame[] | undefined {
    return this.#groups;
  }

  /**
   * Adds the connection to a group for a client that subscribes with this command. Where the layer keeps a history of the group, the
   * client continues from its last position after a reconnect: the reply has the events that it missed, or says that they cannot
   * be recovered. Call it before reading what the reply says about the group, so that nothing is missed between the two.
   * @throws InvalidName; LayerDisconnected; ConnectionEnded; the reason of `signal` once the command has timed out or was canceled,
   * and then the connection has not joined.
   */
  async subscribe(group: string, options: GroupSubscribeOptions = {}): Promise<GroupSubscription> {
    checkOptions<GroupSubscribeOptions>(options, { recover: true, limit: true });
    const { recover = true, limit } = options;
    const since = recover ? this.#context.since?.get(group) : undefined;
    const frame = await this.#context.subscribe(group, { since, limit, cancellation: () => this.#reason });
    // One frame for each group: the client would get what it missed once for each.
    this.#groups = [...(this.#groups ?? []).filter((earlier) => earlier.group !== group), frame];
    const { epoch, offset, recovered } = frame;
    const position = epoch === undefined || offset === undefined ? undefined : { epoch, offset };
    return { recovered, position };
  }

  /** Fires when the command has timed out or was canceled, and when the connection ends. Pass it to what you await. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return AbortSignal.any([this.#controller.signal, this.#connection]);
  }

  /** Creates an error of the protocol, to be thrown: the client gets its code, message and details. */
  error(code: ProtocolErrorCode<P>, options?: CommandErrorOptions): CommandError {
    return commandError(this.#protocol, code, options);
  }

  /** Lets `signal` fire. */
  abort(reason: CommandError): void {
    this.#reason ??= reason;
    this.#controller?.abort(this.#reason);
  }
}
