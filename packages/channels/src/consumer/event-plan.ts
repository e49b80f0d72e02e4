import { ChannelsError } from "../errors.ts";
import type { Delivery, LayerMessage } from "../layer/channel-layer.ts";
import { handlerName } from "../layer/events.ts";
import type { Encoder, Encoders } from "./encoders.ts";
import type { SharedFrame } from "./frame.ts";
import type { Logger } from "./logger.ts";

/** An event's way into a consumer class. */
export type EventRoute =
  | { readonly kind: "encoder"; readonly encoder: Encoder }
  | { readonly kind: "method"; readonly name: string };

/** The part of a consumer class that its plan is made from. */
export interface PlannedClass {
  readonly name: string;
  readonly prototype: object;
  readonly encoders: Encoders;
}

const maxReportedTypes = 100;
const maxRememberedTypes = 1_000;

/**
 * Which event of a class goes where, worked out once a class. Event types come from outside (any process on the layer
 * can send one), so a type reaches only methods that the class or its ancestors below the framework define: never
 * `connect`, `send` or `constructor`.
 */
export class EventPlan {
  readonly #planned: PlannedClass;
  readonly #base: object;
  readonly #routes = new Map<string, EventRoute>();
  readonly #reported = new Set<string>();
  // The members of a group get one delivery right after another: all but the first find its frame here.
  #last: Delivery | undefined;
  #lastFrame: SharedFrame | null | undefined;

  /** @throws InvalidConsumer when an event has an encoder and a method. */
  constructor(planned: PlannedClass) {
    this.#planned = planned;
    this.#base = frameworkBaseOf(planned.prototype);
    for (const type of planned.encoders.types) {
      const encoder = planned.encoders.encoderOf(type);
      if (encoder === undefined) continue;
      if (this.#methodOf(type) !== undefined) {
        throw new ChannelsError("InvalidConsumer", {
          consumer: planned.name,
          problem: `event "${type}" has both an encoder and the method ${handlerName(type)}(). Keep one of them`,
        });
      }
      this.#routes.set(type, { kind: "encoder", encoder });
    }
  }

  /** Where the type goes; `undefined` when the class knows nothing of it. */
  routeOf(type: string): EventRoute | undefined {
    const known = this.#routes.get(type);
    if (known !== undefined) return known;
    const name = this.#methodOf(type);
    if (name === undefined) return undefined;
    const route: EventRoute = { kind: "method", name };
    // Many spellings lead to one method, and senders choose the spelling: the memory of them has a bound.
    if (this.#routes.size < maxRememberedTypes) this.#routes.set(type, route);
    return route;
  }

  /**
   * The finished frame of an encode-once event, made at most once a delivery; `null` when nothing is to be sent, and
   * `undefined` when the event is none of those.
   */
  frameOf(delivery: Delivery, logger: Logger): SharedFrame | null | undefined {
    if (this.#last === delivery) return this.#lastFrame;
    const route = this.routeOf(delivery.message.type);
    if (route?.kind !== "encoder") return undefined;
    const { encoder } = route;
    const frame = delivery.shared(encoder, (message) => this.#make(encoder, message, logger));
    this.#last = delivery;
    this.#lastFrame = frame;
    return frame;
  }

  /** Whether a log line about this unknown type is due: one a type, and not without end. */
  firstUnknown(type: string): boolean {
    if (this.#reported.has(type) || this.#reported.size >= maxReportedTypes) return false;
    this.#reported.add(type);
    return true;
  }

  // An encoder that throws would throw for every member alike: the event is dropped, no connection is.
  #make(encoder: Encoder, message: LayerMessage, logger: Logger): SharedFrame | null {
    try {
      return encoder.make(message) ?? null;
    } catch (error) {
      logger.error(
        { err: error, consumer: this.#planned.name, event: encoder.type },
        "an encoder threw; its event was sent to nobody",
      );
      return null;
    }
  }

  #methodOf(type: string): string | undefined {
    const name = handlerName(type);
    if (name === "" || name.startsWith("_") || name in this.#base) return undefined;
    // By descriptor: reading a getter would run it on the prototype.
    let level = this.#planned.prototype;
    while (level !== this.#base) {
      const descriptor = Object.getOwnPropertyDescriptor(level, name);
      if (descriptor !== undefined) return typeof descriptor.value === "function" ? name : undefined;
      level = Object.getPrototypeOf(level) as object;
    }
    return undefined;
  }
}

// The framework's own prototypes: what they have is no handler, whatever an event is called.
const frameworkPrototypes = new Set<object>([Object.prototype]);

/** Says that a prototype belongs to the framework. */
export function markFramework(prototype: object): void {
  frameworkPrototypes.add(prototype);
}

function frameworkBaseOf(prototype: object): object {
  let level = prototype;
  while (!frameworkPrototypes.has(level)) level = Object.getPrototypeOf(level) as object;
  return level;
}

const plans = new WeakMap<object, EventPlan>();

/**
 * The plan of a class, made at its first use.
 * @throws InvalidConsumer when an event has an encoder and a method.
 */
export function planOf(planned: PlannedClass): EventPlan {
  let plan = plans.get(planned);
  if (plan === undefined) {
    plan = new EventPlan(planned);
    plans.set(planned, plan);
  }
  return plan;
}
