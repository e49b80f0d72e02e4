import { InMemoryLayer, LayerRegistry, WebSocketConsumer, type WebSocketConsumerClass } from "@multichat/channels";
import { type CommunicatorOptions, WebsocketCommunicator } from "@multichat/channels/testing";

/** Creates a layer, and a registry with it under the alias "default". */
export function createLayer(): { readonly layer: InMemoryLayer; readonly layers: LayerRegistry } {
  const layer = new InMemoryLayer();
  const layers = new LayerRegistry();
  layers.register("default", layer);
  return { layer, layers };
}

/** Creates a client of a consumer class, without a router. */
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

/** Creates a client and connects it. */
export async function connectClient(
  consumer: WebSocketConsumerClass,
  options: CommunicatorOptions = {},
): Promise<WebsocketCommunicator> {
  const client = createClient(consumer, options);
  const handshake = await client.connect();
  if (!handshake.accepted)
    throw new Error(`Expected the handshake to be accepted; it was refused with ${handshake.status}.`);
  return client;
}

/** Creates a promise that the test resolves. */
export function createLatch(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

/** Creates a consumer whose handler of frames waits until the gate is open, and counts the handled ones. */
export function createGated() {
  const gate = createLatch();
  const counts = { handled: 0 };
  class Gated extends WebSocketConsumer {
    override async receive(): Promise<void> {
      await gate.opened;
      counts.handled += 1;
    }
  }
  return { Gated, gate, counts };
}
