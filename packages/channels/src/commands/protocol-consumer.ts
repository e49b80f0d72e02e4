import { findAsyncHook } from "../consumer/async-hook.ts";
import type { MaybePromise, NoEvents } from "../consumer/consumer.ts";
import type { Encoders } from "../consumer/encoders.ts";
import { isLayerOutage } from "../consumer/failure.ts";
import { jsonFrame } from "../consumer/frame.ts";
import { registerFrameworkPrototype } from "../consumer/handler-table.ts";
import { JsonWebSocketConsumer } from "../consumer/json-websocket-consumer.ts";
import type { NoScopeTypes, ScopeTypes } from "../consumer/scope.ts";
import type { WebSocketContext } from "../consumer/websocket-consumer.ts";
import { ChannelsError, isChannelsError } from "../errors.ts";
import type { LayerGap } from "../layer/channel-layer.ts";
import type { EventMap } from "../layer/events.ts";
import { CommandError, commandError } from "../protocol/command-error.ts";
import type { EventArguments, EventName, Protocol } from "../protocol/define-protocol.ts";
import { type Validation, validate } from "../protocol/schema.ts";
import { type DrainFrame, type GapFrame, type GroupFrame, type ReplyFrame, SUBPROTOCOL } from "../protocol/wire.ts";
import { Call, type SubscriptionRequest } from "./call.ts";
import { type CommandTable, NO_COMMANDS, type protocolOf, type RegisteredCommand } from "./command-table.ts";
import { GroupJoins } from "./group-joins.ts";
import { newRecoveryBudget, type RecoveryBudget, readPositions, subscribeToGroup } from "./group-subscription.ts";
import { type IdempotencyStore, InMemoryIdempotencyStore } from "./idempotency-store.ts";
import { checkEvent, type ProtocolEvents, protocolEncoders } from "./protocol-encoders.ts";
import { type ProtocolGroup, protocolGroup } from "./protocol-group.ts";

const MAX_KEY_CHARS = 512;

interface RunningCommand {
  readonly call: Call;
  /** Replies with an error, unless there was a reply already. */
  readonly fail: (error: CommandError) => void;
}

/** Speaks a declared protocol: use `protocolConsumer`. */
export abstract class ProtocolConsumer<
  P extends Protocol,
  Types extends ScopeTypes = NoScopeTypes,
  Internal extends EventMap = NoEvents,
> extends JsonWebSocketConsumer<ProtocolEvents<P> & Internal, Types> {
  static readonly protocol: Protocol = { commands: {} };
  /** The handlers of the protocol's commands, see `commands`. */
  static commands: CommandTable = NO_COMMANDS;
  /**
   * Where the replies of commands with an `idempotencyKey` are remembered.
   * @default in this process, 10,000 for ten minutes, for each class that `protocolConsumer` returns
   */
  static idempotency: IdempotencyStore = new InMemoryIdempotencyStore();

  declare readonly [protocolOf]: P;
  readonly #class: typeof ProtocolConsumer;
  readonly #protocol: P;
  /** By id, the commands whose reply has not been sent. */
  readonly #running = new Map<number, RunningCommand>();
  // Most connections are idle, and have none.
  #joins: GroupJoins | undefined;
  /** Whether a command has subscribed the client to a group. */
  #hasSubscribed = false;

  constructor(context: WebSocketContext) {
    super(context);
    // The constructor is that of a subclass, which has the static members of this class.
    this.#class = this.constructor as typeof ProtocolConsumer;
    this.#protocol = this.#class.protocol as P;
  }

  /**
   * Checks a class before it serves; the router calls it.
   * @throws InvalidConsumer when its commands are not those of its protocol.
   */
  static checkClass({ name: consumer, protocol, commands }: typeof ProtocolConsumer): void {
    const declared = Object.keys(protocol.commands);
    const missing = declared.filter((name) => commands.findCommand(name) === undefined);
    const unknown = commands.names.filter((name) => !declared.includes(name));
    const [problem] = [
      ...missing.map((name) => `its \`static commands\` lack "${name}"`),
      ...unknown.map((name) => `its protocol does not declare the command "${name}"`),
    ];
    if (problem !== undefined) throw new ChannelsError("InvalidConsumer", { consumer, problem });
  }

  /** Completes the handshake, by default with the subprotocol of clients that know the frames of commands. */
  override accept(subprotocol: string | undefined = this.#knowsFrames ? SUBPROTOCOL : undefined): void {
    super.accept(subprotocol);
  }

  /** Announces the drain to a client that knows the frame (`DrainFrame`). */
  override onDrain(reconnectAfterMs: number): MaybePromise<void> {
    const frame: DrainFrame = { on: "server.draining", reconnectAfter: reconnectAfterMs };
    if (this.#knowsFrames) this.sendJson(frame);
  }

  /** Lets a client that knows the frame run the commands of its subscriptions again (`GapFrame`). */
  override layerGap(_gap: LayerGap): MaybePromise<void> {
    this.#announceGap();
  }

  /** Does the same: without it the client's position would pass over what was dropped, with the next event. */
  override onEventsDropped(): MaybePromise<void> {
    this.#announceGap();
  }

  #announceGap(): void {
    const frame: GapFrame = { on: "server.gap" };
    if (this.#hasSubscribed && this.#knowsFrames) this.sendJson(frame);
  }

  get #knowsFrames(): boolean {
    return this.scope.subprotocols.includes(SUBPROTOCOL);
  }

  /** Sends an event to this client only. Returns false when the connection has ended. */
  emit<Name extends EventName<P>>(event: Name, payload: EventArguments<P, Name>): boolean {
    const schema = this.#protocol.events?.[event];
    if (schema === undefined) {
      throw new ChannelsError("InvalidEvent", { event, issues: [{ path: "", message: "it is not declared" }] });
    }
    return this.sendJson({ on: event, ...checkEvent(event, schema, payload) });
  }

  /** A group to send the protocol's events to. Join it with `groupAdd`. */
  group(name: string): ProtocolGroup<P> {
    return protocolGroup(this.#protocol, this.channelLayer, name);
  }

  /**
   * Called with what a handler has thrown and the client does not get to see. Logs it by default.
   * Must not wait; where it throws, the client gets the default.
   * @returns the error that the client gets; @default INTERNAL
   */
  onCommandError(error: unknown, { id, command }: Call<P>): CommandError | undefined {
    this.logger.error({ err: error, command, id }, "failed to run a command");
    return undefined;
  }

  override receiveInvalidJson(): void {
    this.#reply({ re: null, error: this.#error("FRAME_INVALID").toWire() });
  }

  override receiveJson(content: unknown): MaybePromise<void> {
    if (typeof content !== "object" || content === null || Array.isArray(content)) return this.receiveInvalidJson();
    const { id, do: name, $since, ...input } = content as Readonly<Record<string, unknown>>;
    if (id === undefined && name === undefined && "cancel" in input) return this.#cancel(input.cancel);
    if (!isId(id)) return this.receiveInvalidJson();
    if (typeof name !== "string") return this.#refuse(id, this.#error("FRAME_INVALID"));
    if (this.#running.has(id)) {
      const message = `Expected the id of no other command under way, got ${id}.`;
      return this.#refuse(id, this.#error("FRAME_INVALID", { message }));
    }
    const command = this.#class.commands.findCommand(name);
    const declared = Object.hasOwn(this.#protocol.commands, name) ? this.#protocol.commands[name] : undefined;
    if (command === undefined || declared === undefined) return this.#refuse(id, this.#error("COMMAND_UNKNOWN"));
    const since = $since === undefined ? undefined : readPositions($since);
    if ($since !== undefined && since === undefined) {
      const message = "Expected at most 100 positions with group, epoch and offset in $since.";
      return this.#refuse(id, this.#error("FRAME_INVALID", { message }));
    }
    const budget = newRecoveryBudget();
    const call = new Call(this.#protocol, {
      id,
      command: name,
      signal: this.signal,
      since,
      subscribe: (group, request) => this.#subscribe(group, request, budget),
    });
    let validated: ReturnType<typeof validate>;
    try {
      validated = validate(declared.input, input);
    } catch (error) {
      return this.#failValidation(error, call);
    }
    return validated instanceof Promise
      ? validated.then(
          (result) => this.#start(command, call, result),
          (error) => this.#failValidation(error, call),
        )
      : this.#start(command, call, validated);
  }

  /** A schema that throws, such as one with a transform or a query, fails the command and not the connection. */
  #failValidation(error: unknown, call: Call<P>): void {
    this.#settleFailure(error, call, (reply) => this.#reply(reply));
  }

  #start(command: RegisteredCommand, call: Call<P>, input: Validation<unknown>): MaybePromise<void> {
    if (!input.ok) return this.#refuse(call.id, this.#error("INPUT_INVALID", { details: { issues: input.issues } }));
    const work = this.#run(command, call, input.value);
    return command.concurrent ? this.continueFrame(work) : work;
  }

  /** Sends exactly one reply. Never rejects; resolves when the handler has ended, which may be after its reply. */
  async #run(command: RegisteredCommand, call: Call<P>, input: unknown): Promise<void> {
    let isReplied = false;
    const settle = (reply: ReplyFrame): void => {
      if (isReplied) return;
      // What JSON does not know throws here, while there can still be another reply.
      const frame = jsonFrame(reply);
      isReplied = true;
      clearTimeout(timer);
      this.#running.delete(call.id);
      this.send(frame);
    };
    const fail = (error: CommandError): void => {
      settle({ re: call.id, error: error.toWire() });
      call.abort(error);
    };
    const timer =
      command.timeoutMs === undefined
        ? undefined
        : setTimeout(() => fail(this.#error("COMMAND_TIMEOUT")), command.timeoutMs);
    this.#running.set(call.id, { call, fail });
    try {
      const ok = await this.#execute(command, call, input);
      settle(call.groups === undefined ? { re: call.id, ok } : { re: call.id, ok, groups: call.groups });
    } catch (error) {
      if (!isReplied) this.#settleFailure(error, call, settle);
      else if (!(error instanceof CommandError)) this.#askOnCommandError(error, call);
    }
  }

  #subscribe(
    group: string,
    { since, limit, cancellation }: SubscriptionRequest,
    budget: RecoveryBudget,
  ): Promise<GroupFrame> {
    this.#hasSubscribed = true;
    const { channelLayer, channelName } = this;
    return subscribeToGroup(
      {
        protocol: this.#protocol,
        encoders: this.#class.encoders,
        channelLayer,
        channelName,
        join: (name) => {
          this.#joins ??= new GroupJoins();
          return this.#joins.join(this, name, cancellation);
        },
        // A declared event of the protocol, as it would be delivered.
        isSent: (message) => this.shouldSend(message as never) === true,
        onInvalidEvent: (err, event) => this.logger.error({ err, event }, "failed to encode an event, dropped it"),
      },
      group,
      since,
      { limit, budget },
    );
  }

  /** Never throws, so that every command gets a reply. */
  #settleFailure(error: unknown, call: Call<P>, settle: (reply: ReplyFrame) => void): void {
    try {
      settle({ re: call.id, error: this.#toCommandError(error, call).toWire() });
    } catch (err) {
      this.logger.error({ err, command: call.command, id: call.id }, "failed to send the error of a command");
      settle({ re: call.id, error: this.#error("INTERNAL").toWire() });
    }
  }

  async #execute(command: RegisteredCommand, call: Call<P>, input: unknown): Promise<unknown> {
    // `commands` has checked that the handler takes this consumer and this input.
    const args = [this as never, input as never, call as never] as const;
    const run = async (): Promise<unknown> => this.#checkReply(call.command, await command.run(...args));
    const key = command.idempotencyKey?.(args[0], args[1]);
    if (key === undefined) return run();
    if (key.length > MAX_KEY_CHARS) {
      const message = `Expected an idempotency key of at most ${MAX_KEY_CHARS} characters, got ${key.length}.`;
      throw this.#error("INPUT_INVALID", { message });
    }
    return this.#class.idempotency.run(`${call.command} ${key}`, run);
  }

  /** Returns the reply as the client gets it. What it lacks is a fault of the handler, so it fails with INTERNAL. */
  async #checkReply(name: string, reply: unknown): Promise<unknown> {
    const schema = this.#protocol.commands[name]?.reply;
    if (schema === undefined) return {};
    const checked = await validate(schema, reply);
    if (checked.ok) return checked.value;
    const [issue] = checked.issues;
    throw new TypeError(
      `expected the declared reply of "${name}": at ${issue?.path || "the reply"}: ${issue?.message}`,
    );
  }

  #toCommandError(error: unknown, call: Call<P>): CommandError {
    if (error instanceof CommandError) return error;
    // The client is gone: nobody gets the reply.
    if (isChannelsError(error, "ConnectionEnded")) return this.#error("INTERNAL");
    // An outage fails the command, not the connection.
    return this.#askOnCommandError(error, call) ?? this.#error(isLayerOutage(error) ? "UNAVAILABLE" : "INTERNAL");
  }

  /** Never throws, and takes nothing but an error: a hook that fails must not cost the command its reply. */
  #askOnCommandError(error: unknown, call: Call<P>): CommandError | undefined {
    const fields = { command: call.command, id: call.id };
    const report = (err: unknown): void => this.logger.error({ err, ...fields }, "an onCommandError handler failed");
    try {
      const shown = this.onCommandError(error, call);
      const problem = findAsyncHook("onCommandError", shown, report);
      if (problem !== undefined) report(problem);
      return shown instanceof CommandError ? shown : undefined;
    } catch (thrown) {
      this.logger.error({ err: error, ...fields }, "failed to run a command");
      report(thrown);
      return undefined;
    }
  }

  #cancel(id: unknown): void {
    // One that has its reply already cannot be canceled: its reply and the request have crossed.
    if (isId(id)) this.#running.get(id)?.fail(this.#error("COMMAND_CANCELED"));
    else this.receiveInvalidJson();
  }

  #error: (
    code: Parameters<typeof commandError<P>>[1],
    options?: Parameters<typeof commandError<P>>[2],
  ) => CommandError = (code, options) => commandError(this.#protocol, code, options);

  #refuse(id: number, error: CommandError): void {
    this.#reply({ re: id, error: error.toWire() });
  }

  #reply(reply: ReplyFrame): void {
    this.sendJson(reply);
  }
}

registerFrameworkPrototype(ProtocolConsumer.prototype);

function isId(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The base class of the consumers of a protocol. */
export interface ProtocolConsumerBase<P extends Protocol> {
  new <Types extends ScopeTypes = NoScopeTypes, Internal extends EventMap = NoEvents>(
    context: WebSocketContext,
  ): ProtocolConsumer<P, Types, Internal>;
  readonly protocol: P;
  layer: string | null;
  groups: readonly string[];
  encoders: Encoders<EventName<P>>;
  commands: CommandTable;
  idempotency: IdempotencyStore;
  maxConcurrentFrames: number;
  eventsInTurn: boolean;
  checkClass(consumerClass: typeof ProtocolConsumer): void;
}

/**
 * Returns the base class for consumers of a protocol: `class Chat extends protocolConsumer(chat)<{ user: User }>`. Its second
 * type argument is a map of further events, which only your own processes send, and which have methods.
 */
export function protocolConsumer<P extends Protocol>(protocol: P): ProtocolConsumerBase<P> {
  abstract class DeclaredConsumer extends ProtocolConsumer<P> {
    static override readonly protocol: Protocol = protocol;
    static override encoders: Encoders = protocolEncoders(protocol);
    // Protocols may have commands of one name, whose keys would meet in a common store.
    static override idempotency: IdempotencyStore = new InMemoryIdempotencyStore();
  }
  registerFrameworkPrototype(DeclaredConsumer.prototype);
  // The type arguments exist only for the compiler, and only a subclass is ever constructed.
  return DeclaredConsumer as unknown as ProtocolConsumerBase<P>;
}
