import type { Random } from "../crowd/random.ts";

/** What becomes of a connection after a while. */
export type Fault =
  /** Cut between two reads. */
  | { readonly kind: "cut" }
  /** Cut in the middle of a frame to the client, or to the server. */
  | { readonly kind: "mid-frame"; readonly direction: "down" | "up" }
  /** The next thing that the client says arrives, and the answer does not. */
  | { readonly kind: "after-asking" }
  /** Nothing arrives for a while, then all of it. */
  | { readonly kind: "stall"; readonly ms: number }
  /** Nothing arrives ever again, and nobody says so. */
  | { readonly kind: "silence" };

/** The next fault of a connection. */
export function nextFault(random: Random): Fault {
  const share = random.next();
  if (share < 0.2) return { kind: "cut" };
  if (share < 0.45) return { kind: "mid-frame", direction: "down" };
  if (share < 0.6) return { kind: "mid-frame", direction: "up" };
  if (share < 0.75) return { kind: "after-asking" };
  if (share < 0.95) return { kind: "stall", ms: random.between(500, 8_000) };
  return { kind: "silence" };
}
