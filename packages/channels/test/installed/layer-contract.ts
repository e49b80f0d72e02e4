// Run by `npm run packages` under the oldest vitest and fast-check that the package accepts.
import { InMemoryLayer } from "@multichat/channels";
import { layerContract } from "@multichat/channels/testing/contract";

layerContract("InMemoryLayer", ({ prefix: _, ...options }) => new InMemoryLayer(options), {
  time: "stepped",
  unsupported: { server: "it has no server", peers: "in-memory layers share nothing" },
});
