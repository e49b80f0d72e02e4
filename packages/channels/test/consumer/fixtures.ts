import { InMemoryLayer, LayerRegistry, type WebSocketConsumerClass } from "@multichat/channels";
import { type CommunicatorOptions, WebsocketCommunicator } from "@multichat/channels/testing";

/** A layer of the test's own, under the alias "default". */
export function createLayer(): { readonly layer: InMemoryLayer; readonly layers: LayerRegistry } {
  const layer = new InMemoryLayer();
  const layers = new LayerRegistry();
  layers.register("default", layer);
  return { layer, layers };
}

/** A client of one consumer class, without a router in between. */
export function createClient(
  consumer: WebSocketConsumerClass,
  options: CommunicatorOptions = {},
  path = "/",
): WebsocketCommunicator {
  return new WebsocketCommunicator((scope) => ({ kind: "matched", consumer, scope, guards: [] }), path, {
    layers: new LayerRegistry(),
    ...options,
  });
}

/** A client that is connected. */
export async function connectClient(
  consumer: WebSocketConsumerClass,
  options: CommunicatorOptions = {},
): Promise<WebsocketCommunicator> {
  const client = createClient(consumer, options);
  const handshake = await client.connect();
  if (!handshake.accepted) throw new Error(`Expected to be accepted; refused with ${handshake.status}.`);
  return client;
}

/** What is still to be resolved, by hand. */
export function createLatch(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}
