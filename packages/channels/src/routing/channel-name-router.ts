import type { ChannelApplication } from "../consumer/application.ts";
import type { ConsumerClass, RequireHandlers } from "../consumer/consumer-class.ts";
import { getHandlerTable } from "../consumer/handler-table.ts";
import { checkChannelName } from "../layer/names.ts";

/**
 * Routes named channels to consumers. Does not compile when an event of a consumer's map has no method.
 * @throws InvalidName for a key that is not a valid channel name.
 */
export function channelNameRouter<const Table extends Readonly<Record<string, ConsumerClass>>>(
  table: Table & { readonly [Name in keyof Table]: RequireHandlers<Table[Name]> },
): ChannelApplication {
  const consumers = new Map<string, ConsumerClass>(Object.entries<ConsumerClass>(table));
  for (const [name, consumer] of consumers) {
    checkChannelName(name);
    getHandlerTable(consumer);
  }
  return Object.freeze({
    names: Object.freeze([...consumers.keys()]),
    findConsumer: (scope: { readonly channel: string }) => consumers.get(scope.channel),
  });
}
