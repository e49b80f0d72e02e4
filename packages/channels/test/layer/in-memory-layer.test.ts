import { InMemoryLayer } from "@multichat/channels/layer";
import { layerContract } from "@multichat/channels/testing/contract";

layerContract("InMemoryLayer", ({ prefix: _, ...options }) => new InMemoryLayer(options), {
  time: "stepped",
  unsupported: {
    server: "it has no server",
    peers: "in-memory layers share nothing",
  },
});
