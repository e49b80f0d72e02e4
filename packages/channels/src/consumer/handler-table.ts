import { ChannelsError } from "../errors.ts";
import type { Delivery } from "../layer/channel-layer.ts";
import { handlerName } from "../layer/events.ts";
import type { Encoders, FrameEncoder } from "./encoders.ts";
import type { SharedFrame } from "./frame.ts";
import type { Logger } from "./logger.ts";

/** The handler of an event type: an encoder, or a method of the consumer. */
export type EventHandler =
  | { readonly kind: "encoder"; readonly encoder: FrameEncoder }
  | { readonly kind: "method"; readonly name: string };

/** The part of a consumer class that its handler table needs. */
export interface HandlerClass {
  readonly name: string;
  readonly prototype: object;
  readonly encoders: Encoders;
  /** Of a WebSocket consumer class. @default false */
  readonly eventsInTurn?: boolean;
  /** Of a WebSocket consumer class. @default 1 */
  readonly maxConcurrentFrames?: number;
  /** Checks what else the class declares. @throws InvalidConsumer. */
  checkClass?(consumerClass: HandlerClass): void;
}

const MAX_REPORTED_TYPES = 100;
const MAX_CACHED_TYPES = 1_000;

/**
 * The handlers of a consumer class by event type. Any process on the layer can send any type, so a type only reaches
 * methods that the class or its ancestors below the framework's classes define: never `connect`, `send` or
 * `constructor`.
 */
export class HandlerTable {
  readonly eventsInTurn: boolean;
  readonly maxConcurrentFrames: number;
  /** Whether the class overrides `shouldSend`, so that it has to be called. */
  readonly hasShouldSend: boolean;
  readonly #consumerClass: HandlerClass;
  readonly #frameworkPrototype: object;
  readonly #handlers = new Map<string, EventHandler>();
  readonly #reportedTypes = new Set<string>();
  // The members of a group get the same delivery one after another, so all but the first find its frame here.
  #lastDelivery: Delivery | undefined;
  #lastFrame: SharedFrame | null | undefined;

  /** @throws InvalidConsumer when an event has an encoder and a method, or a static member is out of bounds. */
  constructor(consumerClass: HandlerClass) {
    this.#consumerClass = consumerClass;
    this.#frameworkPrototype = findFrameworkPrototype(consumerClass.prototype);
    this.eventsInTurn = consumerClass.eventsInTurn ?? false;
    this.maxConcurrentFrames = consumerClass.maxConcurrentFrames ?? 1;
    this.hasShouldSend = overrides(consumerClass.prototype, this.#frameworkPrototype, "shouldSend");
    if (!(Number.isSafeInteger(this.maxConcurrentFrames) && this.maxConcurrentFrames >= 1)) {
      throw new ChannelsError("InvalidConsumer", {
        consumer: consumerClass.name,
        problem: `its \`static maxConcurrentFrames\` has to be an integer of at least 1; it is ${String(this.maxConcurrentFrames)}`,
      });
    }
    consumerClass.checkClass?.(consumerClass);
    for (const type of consumerClass.encoders.types) {
      const encoder = consumerClass.encoders.findEncoder(type);
      if (encoder === undefined) continue;
      if (this.#findMethod(type) !== undefined) {
        throw new ChannelsError("InvalidConsumer", {
          consumer: consumerClass.name,
          problem: `event "${type}" has both an encoder and the method ${handlerName(type)}(). Keep one of them`,
        });
      }
      this.#handlers.set(type, { kind: "encoder", encoder });
    }
  }

  /**
   * Checks a new consumer. A field `shouldSend = (event) => …` compiles, but the table, which knows the class alone, would
   * deliver every event without asking it.
   * @throws InvalidConsumer.
   */
  checkConsumer(consumer: object): void {
    if (!Object.hasOwn(consumer, "shouldSend")) return;
    throw new ChannelsError("InvalidConsumer", {
      consumer: this.#consumerClass.name,
      problem: "its `shouldSend` is a field. Declare it as a method: `override shouldSend(event) { … }`",
    });
  }

  /** Returns why an event has no handler, for a line of the log. */
  describeUnknown(type: string, consumer: object): string {
    return Object.hasOwn(consumer, handlerName(type))
      ? "ignored an event whose handler is a field; declare it as a method"
      : "ignored an event without a method or an encoder";
  }

  /** Returns the handler of an event type, if the class has one. */
  findHandler(type: string): EventHandler | undefined {
    const cached = this.#handlers.get(type);
    if (cached !== undefined) return cached;
    const name = this.#findMethod(type);
    if (name === undefined) return undefined;
    const handler: EventHandler = { kind: "method", name };
    // Several spellings of a type reach the same method, and senders choose the spelling, so the cache has a limit.
    if (this.#handlers.size < MAX_CACHED_TYPES) this.#handlers.set(type, handler);
    return handler;
  }

  /**
   * Returns the frame of an encode-once event, built at most once for each delivery; `null` when nothing is to be sent,
   * and `undefined` when the event has no encoder.
   */
  encodeFrame(delivery: Delivery, logger: Logger): SharedFrame | null | undefined {
    if (this.#lastDelivery === delivery) return this.#lastFrame;
    const handler = this.findHandler(delivery.message.type);
    if (handler?.kind !== "encoder") return undefined;
    const { encoder } = handler;
    const frame = delivery.shared(encoder, () => this.#encode(encoder, delivery, logger));
    this.#lastDelivery = delivery;
    this.#lastFrame = frame;
    return frame;
  }

  /** Returns whether to log an unknown type: once for each type, and for a limited number of types. */
  shouldReportUnknown(type: string): boolean {
    if (this.#reportedTypes.has(type) || this.#reportedTypes.size >= MAX_REPORTED_TYPES) return false;
    this.#reportedTypes.add(type);
    return true;
  }

  // An encoder that throws would throw for every member, so the event is dropped and no connection is closed.
  #encode(encoder: FrameEncoder, { message, position }: Delivery, logger: Logger): SharedFrame | null {
    try {
      return encoder.encode(message, position) ?? null;
    } catch (error) {
      logger.error(
        { err: error, consumer: this.#consumerClass.name, event: encoder.type },
        "failed to encode an event, dropped it",
      );
      return null;
    }
  }

  #findMethod(type: string): string | undefined {
    const name = handlerName(type);
    if (name === "" || name.startsWith("_") || name in this.#frameworkPrototype) return undefined;
    let prototype = this.#consumerClass.prototype;
    while (prototype !== this.#frameworkPrototype) {
      // Reading the property instead of its descriptor would run a getter.
      const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
      if (descriptor !== undefined) return typeof descriptor.value === "function" ? name : undefined;
      prototype = Object.getPrototypeOf(prototype) as object;
    }
    return undefined;
  }
}

const frameworkPrototypes = new Set<object>([Object.prototype]);

/** Marks a prototype as the framework's, so that no event can reach its methods. */
export function registerFrameworkPrototype(prototype: object): void {
  frameworkPrototypes.add(prototype);
}

function overrides(prototype: object, frameworkPrototype: object, name: string): boolean {
  // The cast reads a member by its name; a missing one is undefined in both.
  const member = (owner: object): unknown => (owner as Readonly<Record<string, unknown>>)[name];
  return member(prototype) !== member(frameworkPrototype);
}

function findFrameworkPrototype(prototype: object): object {
  let current = prototype;
  while (!frameworkPrototypes.has(current)) current = Object.getPrototypeOf(current) as object;
  return current;
}

const handlerTables = new WeakMap<object, HandlerTable>();

/**
 * Returns the handler table of a class, built at its first use.
 * @throws InvalidConsumer when an event has an encoder and a method, or a static member is out of bounds.
 */
export function getHandlerTable(consumerClass: HandlerClass): HandlerTable {
  let table = handlerTables.get(consumerClass);
  if (table === undefined) {
    table = new HandlerTable(consumerClass);
    handlerTables.set(consumerClass, table);
  }
  return table;
}
