import type { Delivery } from "../../layer/channel-layer.ts";
import type { MaybePromise } from "../consumer.ts";
import type { HandlerTable } from "../handler-table.ts";
import type { AnyWebSocketConsumer } from "./queued-call.ts";
import type { RunnerOptions } from "./runner-options.ts";

/** Calls the consumer's method for an event. An event without one is counted, and logged once for each type. */
export function callEventMethod(
  consumer: AnyWebSocketConsumer,
  delivery: Delivery,
  handlers: HandlerTable,
  { counters, logger }: Pick<RunnerOptions, "counters" | "logger">,
): MaybePromise<void> {
  const { type } = delivery.message;
  const handler = handlers.findHandler(type);
  if (handler?.kind !== "method") {
    counters.eventsUnknown += 1;
    if (handlers.shouldReportUnknown(type)) {
      const fields = { consumer: consumer.constructor.name, event: type };
      logger.warn(fields, handlers.describeUnknown(type, consumer));
    }
    return undefined;
  }
  counters.eventsHandled += 1;
  // The handler table found a method with this name; `route` checks at compile time that it takes this event.
  const methods = consumer as unknown as Record<string, (message: unknown, delivery: Delivery) => MaybePromise<void>>;
  return methods[handler.name]?.(delivery.message, delivery);
}
