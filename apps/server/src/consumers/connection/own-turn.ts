import { setImmediate } from "node:timers/promises";

/** Resolves in the latest turn that a caller has taken. The process has one event loop, so it has one such queue. */
let latestTurn: Promise<void> = Promise.resolve();

/**
 * Resolves in a turn of the event loop in which no other caller continues. Reading the markup of a long body takes up to five
 * milliseconds; those of ten connections, which a commit answers at once and which then send their next at once, would be read in
 * one turn, and nobody else's command in between.
 */
export function ownTurn(): Promise<void> {
  latestTurn = latestTurn.then(() => setImmediate());
  return latestTurn;
}
