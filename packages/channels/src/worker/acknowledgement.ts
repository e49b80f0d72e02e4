import type { ChannelLayer, LayerMessage } from "../layer/channel-layer.ts";

/** A message that the layer keeps until its outcome is reported. */
export interface PendingMessage {
  readonly message: LayerMessage;
  /** Acknowledges the message: the layer removes it. */
  ack(): Promise<void>;
  /** Reports a failure: the layer delivers the message again later, or makes it a dead letter. */
  retry(error: unknown): Promise<void>;
  /**
   * Makes the message a dead letter, because a retry could not succeed. `retry` is called if a layer lacks this method.
   */
  deadLetter?(error: unknown): Promise<void>;
}

/**
 * Throw this error for a message that can never be handled. A layer with acknowledgement makes it a dead letter at
 * once, with the error's message as the reason, instead of delivering it again.
 */
export class UnusableMessage extends Error {
  override readonly name = "UnusableMessage";
}

/** A layer that can deliver at least once. */
export interface AcknowledgingLayer extends ChannelLayer {
  /** Waits for the channel's next message. It is delivered again if its outcome is never reported. */
  receiveAck(channel: string, options?: { readonly signal?: AbortSignal }): Promise<PendingMessage>;
}

/** Returns whether a layer has `receiveAck`. */
export function isAcknowledgingLayer(layer: ChannelLayer): layer is AcknowledgingLayer {
  return "receiveAck" in layer && typeof layer.receiveAck === "function";
}
