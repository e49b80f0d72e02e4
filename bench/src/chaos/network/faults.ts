import type { Random } from "../../clients/random.ts";

/** A fault of a connection. */
export type Fault =
  /** Cut between two reads. */
  | { readonly kind: "cut" }
  /** Cut in the middle of a frame to the client, or to the server. */
  | { readonly kind: "mid-frame"; readonly direction: "down" | "up" }
  /** Cut after the client's next command has arrived, and before its reply. */
  | { readonly kind: "before-reply" }
  /** Nothing arrives for a while, then everything. */
  | { readonly kind: "stall"; readonly ms: number }
  /** Nothing arrives any more, and the connection is not closed. */
  | { readonly kind: "silence" };

/** Picks the next fault of a connection. */
export function nextFault(random: Random): Fault {
  const roll = random.next();
  if (roll < 0.2) return { kind: "cut" };
  if (roll < 0.45) return { kind: "mid-frame", direction: "down" };
  if (roll < 0.6) return { kind: "mid-frame", direction: "up" };
  if (roll < 0.75) return { kind: "before-reply" };
  if (roll < 0.95) return { kind: "stall", ms: random.between(500, 8_000) };
  return { kind: "silence" };
}
