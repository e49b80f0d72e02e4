import type { ChannelLayer, LayerMessage } from "../layer/channel-layer.ts";

/** A message that stays the layer's until somebody says what became of it. */
export interface PendingMessage {
  readonly message: LayerMessage;
  /** It is done: the layer forgets it. */
  ack(): Promise<void>;
  /** It failed: the layer delivers it again later, or puts it aside. */
  retry(error: unknown): Promise<void>;
  /** No second try would mend it: the layer puts it aside at once. Where a layer cannot, `retry` is called instead. */
  deadLetter?(error: unknown): Promise<void>;
}

/**
 * Thrown by a consumer that cannot use a message, now or ever: a layer that acknowledges makes a dead letter of it at
 * once, with this error's message as the reason, instead of handing it out again.
 */
export class UnusableMessage extends Error {
  override readonly name = "UnusableMessage";
}

/** A layer that can deliver at least once. A message that was neither acknowledged nor retried comes again. */
export interface AcknowledgingLayer extends ChannelLayer {
  receiveAck(channel: string, options?: { readonly signal?: AbortSignal }): Promise<PendingMessage>;
}

export function isAcknowledgingLayer(layer: ChannelLayer): layer is AcknowledgingLayer {
  return "receiveAck" in layer && typeof layer.receiveAck === "function";
}
