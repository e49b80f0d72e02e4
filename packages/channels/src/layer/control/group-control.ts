import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { ChannelsError, isChannelsError } from "../../errors.ts";
import { checkOptions, type OptionNames } from "../../options.ts";
import type { ChannelLayer, Delivery, LocalMember, Receiver, Subscription } from "../channel-layer.ts";
import { InMemoryLayer } from "../in-memory-layer.ts";
import { checkChannelName, checkGroupName } from "../names.ts";
import { requireInteger } from "../require-integer.ts";
import {
  CONTROL_GROUP,
  CONTROL_PREFIX,
  type ControlReply,
  type ControlRequest,
  type GroupMember,
  type HelloPhase,
  type KnownProcess,
  MAX_LISTED_MEMBERS,
  type MemberOrder,
  type MemberTarget,
  readHello,
  readReply,
  readRequest,
  type SeenProcess,
  toMessage,
} from "./control-messages.ts";
import { KnownProcesses } from "./known-processes.ts";

export interface GroupControlOptions {
  /** What this process is called where it did not answer; at most 100 characters. @default host name and process id */
  readonly processName?: string;
  /** How long an operation waits for the other processes, in milliseconds, 1 to 60,000. @default 2_000 */
  readonly timeoutMs?: number;
  /** How often a process says that it is there, in milliseconds; it is expected to answer for three times as long. @default 10_000 */
  readonly renewMs?: number;
  /** Connections that a process closes or moves at once, 1 to 10,000. @default 100 */
  readonly batchSize?: number;
  /** Milliseconds between two batches, 1 to 60,000. @default 50 */
  readonly batchIntervalMs?: number;
}

/** Which processes an answer is from. */
export interface ControlOutcome {
  /** The processes that have answered, with this one. */
  readonly processes: number;
  /** The names of those that are expected to answer and have not in time. */
  readonly unanswered: readonly string[];
  /**
   * How many processes have members of the group, as the layer's server counts them, and have not answered: those without
   * `GroupControl`, those of Python, and those in `unanswered` that still have members. The answer is complete where it is 0 and
   * `unanswered` is empty. Undefined where that is unknown: for a user without a group, without a server, and for a layer without
   * `groupProcesses`.
   */
  readonly silentProcesses: number | undefined;
}

export interface MemberCount extends ControlOutcome {
  readonly count: number;
}

export interface MemberList extends ControlOutcome {
  /** By the names of their channels. */
  readonly members: readonly GroupMember[];
  /** Pass it as `after` for the next members; undefined at the end. */
  readonly next: string | undefined;
}

export interface ControlCallOptions {
  /** The name of a channel that is left out. */
  readonly except?: string;
  /** How long to wait for the other processes, in milliseconds, 1 to 60,000. @default that of `start` */
  readonly timeoutMs?: number;
}

export interface MemberListOptions extends ControlCallOptions {
  /** Members to return at most, 1 to 1,000. @default 100 */
  readonly limit?: number;
  /** The `next` of the answer before. */
  readonly after?: string;
}

export interface DisconnectOptions extends ControlCallOptions {
  /** One of those that `close` takes. @default 1000 */
  readonly code?: number;
  readonly reason?: string;
}

const CALL_OPTION_NAMES: OptionNames<ControlCallOptions> = { except: true, timeoutMs: true };

/** Operations of this process whose answers are awaited. */
const MAX_PENDING = 1_000;
const MAX_NAME_LENGTH = 100;

interface PendingRequest {
  readonly replies: Map<string, ControlReply>;
  readonly finish: () => void;
}

const controls = new WeakMap<ChannelLayer, Promise<GroupControl>>();

/**
 * Counts, lists, disconnects and moves the members of groups, in all processes that have started it for their layer (L19 to L22).
 * Each process answers for its own members; a process without it, such as one of Python, is not asked, and is in
 * `silentProcesses`.
 */
export class GroupControl {
  readonly #layer: ControllableLayer;
  readonly #options: Required<GroupControlOptions>;
  readonly #processes: KnownProcesses;
  readonly #pending = new Map<string, PendingRequest>();
  readonly #stop = new AbortController();
  #channel = "";
  #subscription: Subscription | undefined;
  #renewal: NodeJS.Timeout | undefined;
  #lastId = 0;

  private constructor(layer: ControllableLayer, options: Required<GroupControlOptions>) {
    this.#layer = layer;
    this.#options = options;
    this.#processes = new KnownProcesses(3 * options.renewMs);
  }

  /**
   * Starts it for a layer: from now on this process answers. Later calls for the same layer return the first one, until it is closed.
   * Waits until another process has answered, at most `timeoutMs`, which the first one always waits; not on an in-memory layer.
   * @throws InvalidOption, also for a layer without `localMembers`.
   */
  static start(layer: ChannelLayer, options: GroupControlOptions = {}): Promise<GroupControl> {
    let control = controls.get(layer);
    if (control === undefined) {
      control = GroupControl.#start(layer, options);
      controls.set(layer, control);
      control.catch(() => controls.delete(layer));
    }
    return control;
  }

  static async #start(layer: ChannelLayer, options: GroupControlOptions): Promise<GroupControl> {
    if (!isControllable(layer)) {
      throw new ChannelsError("InvalidOption", {
        option: "layer",
        expected: "a layer with localMembers",
        got: "another",
      });
    }
    const control = new GroupControl(layer, resolveOptions(options));
    try {
      await control.#open();
    } catch (error) {
      // It would go on answering, beside the one that is started next.
      await control.close();
      throw error;
    }
    return control;
  }

  /** Returns how many members a group has (L19). */
  async count(group: string, options: ControlCallOptions = {}): Promise<MemberCount> {
    checkGroupName(group);
    checkOptions<ControlCallOptions>(options, CALL_OPTION_NAMES);
    const { except, timeoutMs } = options;
    return await this.#askForCount({ kind: "count", target: { group }, except }, timeoutMs);
  }

  /**
   * Returns the members of a group, by the names of their channels (L20).
   */
  async members(group: string, options: MemberListOptions = {}): Promise<MemberList> {
    checkGroupName(group);
    checkOptions<MemberListOptions>(options, { ...CALL_OPTION_NAMES, limit: true, after: true });
    const { except, timeoutMs, limit = 100, after = "" } = options;
    requireInteger("limit", limit, 1, MAX_LISTED_MEMBERS);
    if (after !== "") checkChannelName(after);
    const { replies, outcome } = await this.#ask({ kind: "list", target: { group }, except, limit, after }, timeoutMs);
    const all = replies.flatMap(({ members }) => members).sort((a, b) => (a.channel < b.channel ? -1 : 1));
    const members = all.slice(0, limit);
    const isLast = sumOf(replies) <= members.length;
    return { members, next: isLast ? undefined : members.at(-1)?.channel, ...outcome };
  }

  /**
   * Closes the connections of a group's members, of a user, or of a user in a group (L21). Each process closes them in batches; the
   * count is that of the connections that are being closed. Members that are no connection stay.
   */
  async disconnect(target: MemberTarget, options: DisconnectOptions = {}): Promise<MemberCount> {
    checkOptions<{ group?: string; user?: string }>(target, { group: true, user: true });
    checkOptions<DisconnectOptions>(options, { ...CALL_OPTION_NAMES, code: true, reason: true });
    const { except, timeoutMs, code = 1000, reason = "" } = options;
    return await this.#askForCount({ kind: "disconnect", target, except, code, reason }, timeoutMs);
  }

  /**
   * Moves members from one group to another: each joins `to`, then leaves `from` (L22). With a user, only that user's.
   * The count is that of the members that are being moved.
   */
  async move(
    groups: { readonly from: string; readonly to: string; readonly user?: string },
    options: ControlCallOptions = {},
  ): Promise<MemberCount> {
    checkOptions<typeof groups>(groups, { from: true, to: true, user: true });
    checkOptions<ControlCallOptions>(options, CALL_OPTION_NAMES);
    const { from, to, user } = groups;
    const { except, timeoutMs } = options;
    const target = user === undefined ? { group: from } : { group: from, user };
    return await this.#askForCount({ kind: "move", target, except, to }, timeoutMs);
  }

  /** Ends it in this process, which no longer answers. Batches that wait are dropped. */
  async close(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    controls.delete(this.#layer);
    clearInterval(this.#renewal);
    for (const { finish } of this.#pending.values()) finish();
    // Others would otherwise wait for this process until its time is over. Without a server they do.
    await this.#sayHello("leaving").catch(() => undefined);
    await this.#subscription?.unsubscribe();
  }

  async #open(): Promise<void> {
    this.#channel = this.#layer.newChannel(CONTROL_PREFIX);
    const receiver: Receiver = { deliver: (delivery) => this.#receive(delivery), layerGap: () => this.#renew() };
    this.#subscription = await this.#layer.subscribe(this.#channel, receiver);
    // No other process can be on this layer.
    if (this.#layer instanceof InMemoryLayer) return;
    await this.#layer.groupAdd(CONTROL_GROUP, this.#channel);
    this.#renewal = setInterval(() => this.#renew(), this.#options.renewMs).unref();
    const discovered = this.#processes.firstOther();
    await this.#sayHello("starting");
    await Promise.race([discovered, this.#wait(this.#options.timeoutMs)]);
  }

  #renew(): void {
    this.#sayHello("staying").catch((error: unknown) => {
      // The next one makes up for it, unless there is none.
      if (isChannelsError(error, "LayerClosed")) void this.close();
    });
  }

  async #sayHello(phase: HelloPhase): Promise<void> {
    if (this.#layer instanceof InMemoryLayer) return;
    await this.#layer.groupSend(CONTROL_GROUP, this.#helloMessage(phase), { except: this.#channel });
  }

  #helloMessage(phase: HelloPhase) {
    const { processName: name } = this.#options;
    const known = phase === "answering" ? this.#processes.others() : [];
    return toMessage({ kind: "hello", channel: this.#channel, name, phase, known });
  }

  async #askForCount(order: MemberOrder, timeoutMs: number | undefined): Promise<MemberCount> {
    const { replies, outcome } = await this.#ask(order, timeoutMs);
    return { count: sumOf(replies), ...outcome };
  }

  /** Performs an operation here, and asks the other processes to perform it. */
  async #ask(
    order: MemberOrder,
    timeoutMs = this.#options.timeoutMs,
  ): Promise<{ readonly replies: readonly ControlReply[]; readonly outcome: ControlOutcome }> {
    if (this.#stop.signal.aborted) throw new ChannelsError("LayerClosed", { operation: order.kind });
    if (this.#pending.size >= MAX_PENDING) {
      const expected = `at most ${MAX_PENDING} operations under way`;
      throw new ChannelsError("InvalidOption", { option: "operation", expected, got: "one more" });
    }
    requireInteger("timeoutMs", timeoutMs, 1, 60_000);
    this.#lastId += 1;
    const id = this.#lastId.toString(36);
    const request: ControlRequest = {
      id,
      replyTo: this.#channel,
      digest: this.#processes.digest(this.#channel),
      order,
    };
    // What other processes would ignore is refused here.
    if (readRequest(toMessage({ kind: "request", request })) === undefined) throw invalidOrder(order);
    const replies = new Map<string, ControlReply>();
    const { promise: answered, resolve: finish } = Promise.withResolvers<void>();
    this.#pending.set(id, { replies, finish });
    const done = new AbortController();
    let counted: number | undefined;
    try {
      const deadline = this.#wait(timeoutMs, done.signal);
      // Before the order changes the members.
      const counting = this.#countProcesses(order.target.group);
      if (!(this.#layer instanceof InMemoryLayer)) {
        await this.#layer.groupSend(CONTROL_GROUP, toMessage({ kind: "request", request }), { except: this.#channel });
      }
      replies.set(this.#channel, this.#perform(id, order));
      if (!this.#isAnswered(replies)) await Promise.race([answered, deadline]);
      counted = await Promise.race([counting, deadline.then(() => undefined)]);
    } finally {
      this.#pending.delete(id);
      done.abort();
    }
    const unanswered = this.#processes.others().filter(({ channel }) => !replies.has(channel));
    const answering = [...replies.values()].filter(({ isGroupProcess }) => isGroupProcess).length;
    return {
      replies: [...replies.values()],
      outcome: {
        processes: replies.size,
        unanswered: unanswered.map(({ name }) => name),
        // One that has joined or left meanwhile may be in one of the two numbers.
        silentProcesses: counted === undefined ? undefined : Math.max(0, counted - answering),
      },
    };
  }

  /** Returns how many processes have members of a group. Never rejects: without an answer it is unknown. */
  async #countProcesses(group: string | undefined): Promise<number | undefined> {
    // No other process can be on this layer.
    if (this.#layer instanceof InMemoryLayer) return 0;
    if (group === undefined) return undefined;
    try {
      return await this.#layer.groupProcesses?.count(group);
    } catch {
      return undefined;
    }
  }

  #isAnswered(replies: ReadonlyMap<string, ControlReply>): boolean {
    return this.#processes.others().every(({ channel }) => replies.has(channel));
  }

  #receive({ message }: Delivery): boolean {
    const hello = readHello(message);
    if (hello !== undefined && hello.channel !== this.#channel) {
      if (hello.phase === "leaving") this.#forget(hello.channel);
      else this.#learn(hello, hello.known);
      if (hello.phase === "starting" && this.#processes.isDelegate(this.#channel, hello.channel)) {
        this.#sendTo(hello.channel, this.#helloMessage("answering"));
      }
    }
    const request = readRequest(message);
    if (request !== undefined && request.replyTo !== this.#channel) {
      const reply = this.#perform(request.id, request.order);
      const isDiffering = request.digest !== this.#processes.digest(this.#channel);
      const listsKnown = isDiffering && this.#processes.isDelegate(this.#channel, request.replyTo + request.id);
      this.#sendTo(
        request.replyTo,
        toMessage({
          kind: "reply",
          reply,
          channel: this.#channel,
          name: this.#options.processName,
          known: listsKnown ? this.#processes.others() : [],
        }),
      );
    }
    const answer = readReply(message);
    const pending = answer && this.#pending.get(answer.reply.id);
    if (answer !== undefined && pending !== undefined) {
      this.#learn(answer, answer.known);
      pending.replies.set(answer.channel, answer.reply);
      if (this.#isAnswered(pending.replies)) pending.finish();
    }
    return true;
  }

  /** Adds a process, and those that it knows: they are expected to answer, too. */
  #learn(process: KnownProcess, others: readonly SeenProcess[]): void {
    this.#processes.add(process);
    for (const other of others) if (other.channel !== this.#channel) this.#processes.add(other, other.ageMs);
  }

  /** What waits for a process that is leaving has all other answers, or waits on. */
  #forget(channel: string): void {
    this.#processes.remove(channel);
    for (const { replies, finish } of this.#pending.values()) if (this.#isAnswered(replies)) finish();
  }

  #sendTo(channel: string, message: ReturnType<typeof toMessage>): void {
    // The other process names this one as one that has not answered.
    this.#layer.send(channel, message).catch(() => undefined);
  }

  /** Performs an operation on the members of this process. */
  #perform(id: string, order: MemberOrder): ControlReply {
    const { target, except } = order;
    const isGroupProcess = target.group !== undefined && this.#layer.groupProcesses?.isOne(target.group) === true;
    const matching = this.#layer
      .localMembers(target.group)
      .filter(({ channel, control }) => channel !== except && isUser(control, target.user));
    switch (order.kind) {
      case "count":
        return { id, isGroupProcess, count: matching.length, members: [] };
      case "list": {
        const later = matching
          .filter(({ channel }) => channel > order.after)
          .sort((a, b) => (a.channel < b.channel ? -1 : 1));
        return {
          id,
          isGroupProcess,
          count: later.length,
          members: later.slice(0, order.limit).map((member) => this.#describe(member)),
        };
      }
      case "disconnect": {
        const connections = matching.filter(({ control }) => control !== undefined);
        const { code, reason } = order;
        void this.#inBatches(connections, target.group, ({ control }) => control?.disconnect(code, reason));
        return { id, isGroupProcess, count: connections.length, members: [] };
      }
      case "move": {
        const from = target.group ?? "";
        void this.#inBatches(matching, target.group, (member) => this.#move(member, from, order.to));
        return { id, isGroupProcess, count: matching.length, members: [] };
      }
    }
  }

  #describe({ channel, control }: LocalMember): GroupMember {
    const user = control?.user();
    const process = this.#options.processName;
    return user === undefined ? { channel, process } : { channel, process, user };
  }

  async #move({ channel, control }: LocalMember, from: string, to: string): Promise<void> {
    if (control !== undefined) return await control.move(from, to);
    await this.#layer.groupAdd(to, channel);
    await this.#layer.groupDiscard(from, channel);
  }

  /** The clients of thousands of connections that are closed at once would come back at once. */
  async #inBatches(
    members: readonly LocalMember[],
    group: string | undefined,
    run: (member: LocalMember) => unknown,
  ): Promise<void> {
    const { batchSize, batchIntervalMs } = this.#options;
    for (let start = 0; start < members.length; start += batchSize) {
      let batch = members.slice(start, start + batchSize);
      if (start > 0) {
        await this.#wait(batchIntervalMs);
        // A member that was removed from the group meanwhile must not be moved into another one.
        const present = new Set(this.#layer.localMembers(group).map(({ channel }) => channel));
        batch = batch.filter(({ channel }) => present.has(channel));
      }
      if (this.#stop.signal.aborted) return;
      // One whose connection has ended meanwhile, or whose layer has lost its server, affects no other.
      await Promise.allSettled(batch.map(async (member) => run(member)));
    }
  }

  async #wait(ms: number, signal?: AbortSignal): Promise<void> {
    // The end of the control ends the wait.
    const stop = signal === undefined ? this.#stop.signal : AbortSignal.any([this.#stop.signal, signal]);
    await sleep(ms, undefined, { ref: false, signal: stop }).catch(() => undefined);
  }
}

type ControllableLayer = ChannelLayer & Required<Pick<ChannelLayer, "localMembers">>;

function isControllable(layer: ChannelLayer): layer is ControllableLayer {
  return typeof layer.localMembers === "function";
}

function isUser(control: LocalMember["control"], user: string | undefined): boolean {
  return user === undefined || control?.user() === user;
}

function sumOf(replies: readonly ControlReply[]): number {
  return replies.reduce((sum, { count }) => sum + count, 0);
}

function invalidOrder(order: MemberOrder): ChannelsError<"InvalidOption"> {
  const expected =
    "a group or a user of 1 to 200 characters, names by L1, a close code of 1000 to 1003, 1007 to 1014 or 3000 to 4999, and a reason of at most 123 bytes";
  return new ChannelsError("InvalidOption", { option: order.kind, expected, got: JSON.stringify(order) });
}

function resolveOptions(options: GroupControlOptions): Required<GroupControlOptions> {
  const names = { processName: true, timeoutMs: true, renewMs: true, batchSize: true, batchIntervalMs: true } as const;
  checkOptions<GroupControlOptions>(options, names);
  const processName = (options.processName ?? `${hostname()}:${process.pid}`).slice(0, MAX_NAME_LENGTH);
  return {
    processName,
    timeoutMs: requireInteger("timeoutMs", options.timeoutMs ?? 2_000, 1, 60_000),
    renewMs: requireInteger("renewMs", options.renewMs ?? 10_000, 1, 600_000),
    batchSize: requireInteger("batchSize", options.batchSize ?? 100, 1, 10_000),
    batchIntervalMs: requireInteger("batchIntervalMs", options.batchIntervalMs ?? 50, 1, 60_000),
  };
}
