import {
  ChannelsError,
  type DropReporter,
  type GroupPosition,
  type HistorySettings,
  type LayerMessage,
  type LocalChannels,
} from "@multichat/channels/layer";
import type { QueueHistory } from "../history/queue-history.ts";
import { disconnectedError } from "../layer-errors.ts";
import { CHANNEL_KEY, HISTORY_KEY } from "../sent-message.ts";
import { type KnownGroup, KnownMembers } from "./known-members.ts";
import { type QueueBoundsContext, queueBounds } from "./queue-bounds.ts";
import type { QueueConnections } from "./queue-connections.ts";
import { toSeconds } from "./queue-keys.ts";

export interface HistorySenderContext extends QueueBoundsContext {
  readonly connections: QueueConnections;
  readonly history: QueueHistory;
  readonly local: LocalChannels;
  readonly drops: DropReporter;
  readonly maxGroupSends: number;
  readonly nextScore: () => string;
}

interface WaitingEvent {
  readonly message: LayerMessage;
  readonly except: string | undefined;
  readonly bytes: Buffer;
  readonly resolve: (position: GroupPosition) => void;
  readonly reject: (error: unknown) => void;
}

/** Sends to a group that have not been answered: those of one step, and those that wait for the next one. */
interface Turn {
  readonly waiting: WaitingEvent[];
  /** With those of the present step. */
  unanswered: number;
}

/**
 * How often the queues are chosen again because the members have changed meanwhile. After that the events are sent to those of the
 * last time: a group that more and more channels join must not keep them waiting for ever.
 */
const MAX_MEMBER_CHANGES = 8;
/** Events of one step, and their messages: the server does nothing else meanwhile. */
const MAX_STEP_EVENTS = 100;
const MAX_STEP_MESSAGES = 2_000;

/**
 * Sends to groups with a history. The history and all queues are on one server, so that one script numbers the events and adds
 * them. What is sent to a group while the server has not answered goes out in the next step together: the events keep their order
 * (L4), also where a step is repeated, and each costs a part of a round trip.
 */
export class HistorySender {
  readonly #context: HistorySenderContext;
  readonly #turns = new Map<string, Turn>();
  readonly #known = new KnownMembers();

  constructor(context: HistorySenderContext) {
    this.#context = context;
  }

  /** @throws ChannelFull when `maxGroupSends` sends to the group have not been answered; LayerDisconnected; InvalidMessage. */
  send(
    group: string,
    settings: HistorySettings,
    message: LayerMessage,
    except: string | undefined,
  ): Promise<GroupPosition> {
    const { history, maxGroupSends, drops } = this.#context;
    // Here, so that one that cannot be encoded fails alone.
    const bytes = history.encode(message, except);
    const turn = this.#turns.get(group);
    if (turn !== undefined && turn.unanswered >= maxGroupSends) {
      drops.report({ channel: "", group, reason: "capacity", type: message.type });
      throw new ChannelsError("ChannelFull", { channel: "", group, capacity: maxGroupSends });
    }
    const { promise, resolve, reject } = Promise.withResolvers<GroupPosition>();
    const event = { message, except, bytes, resolve, reject };
    if (turn === undefined) void this.#run(group, settings, event);
    else {
      turn.waiting.push(event);
      turn.unanswered += 1;
    }
    return promise;
  }

  /** Never rejects: each event has its own promise. */
  async #run(group: string, settings: HistorySettings, first: WaitingEvent): Promise<void> {
    const turn: Turn = { waiting: [first], unanswered: 1 };
    this.#turns.set(group, turn);
    // What is sent in the same turn of the event loop goes out together.
    await Promise.resolve();
    while (turn.waiting.length > 0) {
      const perEvent = Math.max(1, this.#known.get(group).queues.length);
      const count = Math.max(1, Math.min(MAX_STEP_EVENTS, Math.floor(MAX_STEP_MESSAGES / perEvent)));
      const step = turn.waiting.splice(0, count);
      try {
        const positions = await this.#sendStep(group, settings, step);
        for (const [index, position] of positions.entries()) step[index]?.resolve(position);
      } catch (error) {
        for (const { message, reject } of step) {
          this.#context.drops.report({ channel: "", group, reason: "disconnected", type: message.type });
          reject(disconnectedError(error));
        }
      }
      turn.unanswered -= step.length;
    }
    this.#turns.delete(group);
  }

  async #sendStep(
    group: string,
    settings: HistorySettings,
    step: readonly WaitingEvent[],
  ): Promise<readonly GroupPosition[]> {
    const { connections, history, local, keys, options, drops, nextScore } = this.#context;
    await connections.of(group).ready();
    local.expireMembers(group);
    let known = this.#known.get(group);
    for (let changes = 0; ; changes += 1) {
      const { queues, digest } = known;
      const outcome = await history.send(group, settings, {
        digest: changes < MAX_MEMBER_CHANGES ? digest : undefined,
        cutoff: toSeconds(options.clock.now() - options.groupExpiryMs),
        queues: queues.map(([queue]) => keys.queue(queue)),
        bounds: queues.map((entry) => queueBounds(this.#context, entry)),
        events: step.map((event) => ({
          bytes: event.bytes,
          score: nextScore(),
          copies: toCopies(event, group, known),
        })),
      });
      if (outcome.isSent) {
        for (const { event, queue } of outcome.full) {
          const type = step[event]?.message.type ?? "";
          for (const channel of queues[queue]?.[1] ?? []) {
            if (channel !== step[event]?.except) drops.report({ channel, group, reason: "capacity", type });
          }
        }
        return outcome.positions;
      }
      known = this.#known.set(group, outcome.members);
    }
  }
}

/** Returns the message for each queue. */
function toCopies(
  { message, except }: WaitingEvent,
  group: string,
  { queues }: KnownGroup,
): readonly (LayerMessage | undefined)[] {
  return queues.map(([, all]) => {
    const channels = except === undefined ? all : all.filter((channel) => channel !== except);
    return channels.length === 0 ? undefined : { ...message, [CHANNEL_KEY]: channels, [HISTORY_KEY]: group };
  });
}
