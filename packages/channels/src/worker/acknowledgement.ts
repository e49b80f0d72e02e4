import type { ChannelLayer, LayerMessage } from "../layer/channel-layer.ts";

/** A message that stays the layer's until somebody says what became of it. */
export interface PendingMessage {
  readonly message: LayerMessage;
  /** It is done: the layer forgets it. */
  ack(): Promise<void>;
  /** It failed: the layer delivers it again later, or puts it aside. */
  retry(error: unknown): Promise<void>;
}

/** A layer that can deliver at least once. A message that was neither acknowledged nor retried comes again. */
export interface AcknowledgingLayer extends ChannelLayer {
  receiveAck(channel: string, options?: { readonly signal?: AbortSignal }): Promise<PendingMessage>;
}

export function acknowledges(layer: ChannelLayer): layer is AcknowledgingLayer {
  return "receiveAck" in layer && typeof layer.receiveAck === "function";
}
