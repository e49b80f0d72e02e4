import { ChannelsError } from "../errors.ts";
import type { Delivery, LayerMessage } from "../layer/channel-layer.ts";
import { handlerName } from "../layer/events.ts";
import type { Encoders, FrameEncoder } from "./encoders.ts";
import type { SharedFrame } from "./frame.ts";
import type { Logger } from "./logger.ts";

/** An event's way into a consumer class. */
export type EventHandler =
  | { readonly kind: "encoder"; readonly encoder: FrameEncoder }
  | { readonly kind: "method"; readonly name: string };

/** The part of a consumer class that its plan is made from. */
export interface HandlerClass {
  readonly name: string;
  readonly prototype: object;
  readonly encoders: Encoders;
}

const MAX_REPORTED_TYPES = 100;
const MAX_CACHED_TYPES = 1_000;

/**
 * Which event of a class goes where, worked out once a class. Event types come from outside (any process on the layer
 * can send one), so a type reaches only methods that the class or its ancestors below the framework define: never
 * `connect`, `send` or `constructor`.
 */
export class HandlerTable {
  readonly #consumerClass: HandlerClass;
  readonly #frameworkPrototype: object;
  readonly #handlers = new Map<string, EventHandler>();
  readonly #reportedTypes = new Set<string>();
  // The members of a group get one delivery right after another: all but the first find its frame here.
  #lastDelivery: Delivery | undefined;
  #lastFrame: SharedFrame | null | undefined;

  /** @throws InvalidConsumer when an event has an encoder and a method. */
  constructor(planned: HandlerClass) {
    this.#consumerClass = planned;
    this.#frameworkPrototype = findFrameworkPrototype(planned.prototype);
    for (const type of planned.encoders.types) {
      const encoder = planned.encoders.findEncoder(type);
      if (encoder === undefined) continue;
      if (this.#findMethod(type) !== undefined) {
        throw new ChannelsError("InvalidConsumer", {
          consumer: planned.name,
          problem: `event "${type}" has both an encoder and the method ${handlerName(type)}(). Keep one of them`,
        });
      }
      this.#handlers.set(type, { kind: "encoder", encoder });
    }
  }

  /** Where the type goes; `undefined` when the class knows nothing of it. */
  findHandler(type: string): EventHandler | undefined {
    const known = this.#handlers.get(type);
    if (known !== undefined) return known;
    const name = this.#findMethod(type);
    if (name === undefined) return undefined;
    const route: EventHandler = { kind: "method", name };
    // Many spellings lead to one method, and senders choose the spelling: the memory of them has a bound.
    if (this.#handlers.size < MAX_CACHED_TYPES) this.#handlers.set(type, route);
    return route;
  }

  /**
   * The finished frame of an encode-once event, made at most once a delivery; `null` when nothing is to be sent, and
   * `undefined` when the event is none of those.
   */
  encodeFrame(delivery: Delivery, logger: Logger): SharedFrame | null | undefined {
    if (this.#lastDelivery === delivery) return this.#lastFrame;
    const route = this.findHandler(delivery.message.type);
    if (route?.kind !== "encoder") return undefined;
    const { encoder } = route;
    const frame = delivery.shared(encoder, (message) => this.#encode(encoder, message, logger));
    this.#lastDelivery = delivery;
    this.#lastFrame = frame;
    return frame;
  }

  /** Whether a log line about this unknown type is due: one a type, and not without end. */
  shouldReportUnknown(type: string): boolean {
    if (this.#reportedTypes.has(type) || this.#reportedTypes.size >= MAX_REPORTED_TYPES) return false;
    this.#reportedTypes.add(type);
    return true;
  }

  // An encoder that throws would throw for every member alike: the event is dropped, no connection is.
  #encode(encoder: FrameEncoder, message: LayerMessage, logger: Logger): SharedFrame | null {
    try {
      return encoder.encode(message) ?? null;
    } catch (error) {
      logger.error(
        { err: error, consumer: this.#consumerClass.name, event: encoder.type },
        "an encoder threw; its event was sent to nobody",
      );
      return null;
    }
  }

  #findMethod(type: string): string | undefined {
    const name = handlerName(type);
    if (name === "" || name.startsWith("_") || name in this.#frameworkPrototype) return undefined;
    // By descriptor: reading a getter would run it on the prototype.
    let level = this.#consumerClass.prototype;
    while (level !== this.#frameworkPrototype) {
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
export function registerFrameworkPrototype(prototype: object): void {
  frameworkPrototypes.add(prototype);
}

function findFrameworkPrototype(prototype: object): object {
  let level = prototype;
  while (!frameworkPrototypes.has(level)) level = Object.getPrototypeOf(level) as object;
  return level;
}

const handlerTables = new WeakMap<object, HandlerTable>();

/**
 * The plan of a class, made at its first use.
 * @throws InvalidConsumer when an event has an encoder and a method.
 */
export function getHandlerTable(planned: HandlerClass): HandlerTable {
  let plan = handlerTables.get(planned);
  if (plan === undefined) {
    plan = new HandlerTable(planned);
    handlerTables.set(planned, plan);
  }
  return plan;
}
