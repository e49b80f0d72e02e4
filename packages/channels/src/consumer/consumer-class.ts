import type { Delivery } from "../layer/channel-layer.ts";
import type { EventMap, EventOf, HandlerName } from "../layer/events.ts";
import type { Consumer, ConsumerContext, eventsOf } from "./consumer.ts";
import type { Encoders } from "./encoders.ts";
import type { ScopeTypes } from "./scope.ts";
import type { scopeTypesOf, WebSocketConsumer, WebSocketContext } from "./websocket-consumer.ts";

interface ConsumerStatics {
  readonly name: string;
  readonly layer: string | null;
  readonly groups: readonly string[];
  readonly encoders: Encoders;
}

/** A consumer class for named channels. */
export interface ConsumerClass extends ConsumerStatics {
  new (context: ConsumerContext): Consumer<EventMap>;
}

/** A WebSocket consumer class. */
export interface WebSocketConsumerClass extends ConsumerStatics {
  readonly eventsInTurn: boolean;
  readonly maxConcurrentFrames: number;
  new (context: WebSocketContext): WebSocketConsumer<EventMap, ScopeTypes>;
}

type InstanceOf<Class> = Class extends { new (context: never): infer Instance } ? Instance : never;

/** The event map of a consumer class. */
export type EventsOf<Class> = InstanceOf<Class> extends { readonly [eventsOf]: infer Events } ? Events : never;

/** The scope types that a consumer class requires. */
export type ScopeTypesOf<Class> =
  InstanceOf<Class> extends { readonly [scopeTypesOf]: infer Types extends ScopeTypes } ? Types : never;

// The `static encoders` of the base class has the types `string`, which stands for none.
type EncodedBy<Class> = Class extends { readonly encoders: { readonly types: readonly (infer Type)[] } }
  ? string extends Type
    ? never
    : Type
  : never;

type UnhandledIn<Class, Events> = Events extends EventMap
  ? {
      [Type in Exclude<keyof Events & string, EncodedBy<Class>>]: InstanceOf<Class> extends {
        readonly [Name in HandlerName<Type>]: (event: EventOf<Events, Type>, delivery: Delivery) => unknown;
      }
        ? never
        : Type;
    }[Exclude<keyof Events & string, EncodedBy<Class>>]
  : never;

/** The events of a class's map that have neither an encoder nor a public method that accepts them. */
export type UnhandledEvents<Class> = UnhandledIn<Class, EventsOf<Class>>;

/** `unknown` when every event of the class has a handler; otherwise a type that names the events without one. */
export type RequireHandlers<Class> = [UnhandledEvents<Class>] extends [never]
  ? unknown
  : { readonly eventWithoutEncoderOrMethod: UnhandledEvents<Class> };
