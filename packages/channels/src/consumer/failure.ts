import { isChannelsError } from "../errors.ts";
import type { WebSocketScope } from "./scope.ts";

/** Which part of a consumer failed: a frame's handler or its continued work, or an event's method or `shouldSend`. */
export type FailedPart = "connect" | "frame" | "event" | "disconnect";

/** Where an error of a consumer was caught. */
export interface Failure {
  /** The name of the consumer's class. */
  readonly consumer: string;
  readonly during: FailedPart;
  readonly scope: WebSocketScope;
}

/**
 * What happens to a connection whose consumer failed: it is closed with 1011, or kept. A handshake that `connect` has not
 * accepted cannot be kept.
 */
export type FailureOutcome = "close" | "keep";

/** Receives an error, and decides what happens to the connection; undefined leaves it to the next one. Must not wait. */
export type ErrorHandler = (error: unknown, failure: Failure) => FailureOutcome | undefined;

/** Returns whether a layer could not take a message, which says nothing about the connection that sent it. */
export function isLayerOutage(error: unknown): boolean {
  return isChannelsError(error, "LayerDisconnected") || isChannelsError(error, "ChannelFull");
}
