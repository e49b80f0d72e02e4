import type { ChannelLayer, ServerMetrics } from "@multichat/channels";
import type { Metrics } from "./metrics.ts";

/** Exposes the counters of the sockets and the layer in `/metrics`. */
export function exposeSocketMetrics(
  metrics: Metrics,
  sockets: Readonly<ServerMetrics>,
  layer: Pick<ChannelLayer, "stats">,
): void {
  metrics.gauge("connections", "Open sockets.", () => sockets.connections);
  metrics.gauge("layer_memberships", "Memberships of channels in groups.", () => layer.stats().memberships);
  metrics.gauge("queued_frames", "Frames queued for their consumer.", () => sockets.queuedFrames);
  metrics.gauge("queued_events", "Events queued for their consumer.", () => sockets.queuedEvents);
  metrics.total("frames_received", "Frames received from clients.", () => sockets.framesReceived);
  metrics.total("deliveries", "Frames queued to sockets, counted once per receiver.", () => sockets.deliveries);
  metrics.total("socket_writes", "Writes to sockets.", () => sockets.writes);
  metrics.total("handshakes_refused", "Refused handshakes.", () => sockets.refused);
  metrics.total("slow_closes", "Sockets closed because the client read too slowly.", () => sockets.slowCloses);
  metrics.total("dead_peers", "Sockets closed because the client did not answer pings.", () => sockets.deadPeers);
  metrics.total("handler_errors", "Errors thrown by handlers.", () => sockets.handlerErrors);
  metrics.total("layer_events_sent", "Events sent to the layer.", () => layer.stats().sent);
  metrics.total("layer_events_dropped", "Events dropped because a channel was full or expired.", () =>
    Object.values(layer.stats().dropped).reduce((sum, count) => sum + count, 0),
  );
}
