import type { ChannelLayer, ServerMetrics } from "@multichat/channels";
import type { Metrics } from "./metrics.ts";

/** What sockets and the layer count for themselves, for `/metrics`. */
export function exposeSocketMetrics(
  metrics: Metrics,
  sockets: Readonly<ServerMetrics>,
  layer: Pick<ChannelLayer, "stats">,
): void {
  metrics.gauge("connections", "Open sockets.", () => sockets.connections);
  metrics.gauge("layer_memberships", "Memberships of channels in groups.", () => layer.stats().memberships);
  metrics.gauge("queued_frames", "Frames that wait for their consumer.", () => sockets.queuedFrames);
  metrics.gauge("queued_events", "Events that wait for their consumer.", () => sockets.queuedEvents);
  metrics.total("frames_received", "Frames that clients sent.", () => sockets.framesReceived);
  metrics.total("deliveries", "Frames put into sockets' queues: one a frame and receiver.", () => sockets.deliveries);
  metrics.total("socket_writes", "Writes to sockets.", () => sockets.writes);
  metrics.total("handshakes_refused", "Handshakes that were refused.", () => sockets.refused);
  metrics.total("slow_closes", "Sockets closed because they read too slowly.", () => sockets.slowCloses);
  metrics.total("dead_peers", "Sockets ended because no sign of life came.", () => sockets.deadPeers);
  metrics.total("handler_errors", "Handlers that threw.", () => sockets.handlerErrors);
  metrics.total("layer_events_sent", "Events handed to the layer.", () => layer.stats().sent);
  metrics.total("layer_events_dropped", "Events that a full or late channel did not get.", () =>
    Object.values(layer.stats().dropped).reduce((sum, count) => sum + count, 0),
  );
}
