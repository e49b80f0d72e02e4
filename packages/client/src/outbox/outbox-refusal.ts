import { ClientBusy, CommandError, ReplyTimeout } from "../model/errors.ts";

/** Times that a message may meet a fault of the server, or a closed door, before it counts as its cause. */
const MAX_FAULTS = 5;
/** Seconds of slow mode that a message waits for by itself; what is longer a person should know of. */
const SLOWEST = 60;

/** What becomes of a message that the server did not take. Seconds count from now. */
export type OutboxRefusal =
  /** Nothing is sent for a while: the limits are those of the connection, not of a room. */
  | { readonly kind: "pause"; readonly seconds: number; readonly isFault: boolean }
  /** Nothing is sent to this room for a while. */
  | { readonly kind: "slow"; readonly seconds: number }
  /** The connection was put out of the room, and perhaps may come back in: joining will tell. */
  | { readonly kind: "rejoin" }
  | { readonly kind: "fail"; readonly code: CommandError["code"]; readonly message: string };

/**
 * @param faults how often this message has met a fault already
 * @throws whatever is no refusal
 */
export function refusalOf(error: unknown, faults: number): OutboxRefusal {
  if (error instanceof ReplyTimeout || error instanceof ClientBusy)
    return { kind: "pause", seconds: 0, isFault: false };
  if (!(error instanceof CommandError)) throw error;
  const { code, message, retryAfterSeconds: seconds = 0 } = error;
  const isLast = faults + 1 >= MAX_FAULTS;
  switch (code) {
    case "INTERNAL":
      return isLast ? { kind: "fail", code, message } : { kind: "pause", seconds, isFault: true };
    case "ROOM_ACCESS_DENIED":
      return isLast ? { kind: "fail", code, message } : { kind: "rejoin" };
    case "SLOW_MODE":
      return seconds > SLOWEST ? { kind: "fail", code, message } : { kind: "slow", seconds };
    case "RATE_LIMITED":
    case "UNAVAILABLE":
    case "USER_HAS_TO_LOGIN":
    case "TOO_MANY_CONNECTIONS":
      return { kind: "pause", seconds, isFault: false };
    default:
      return { kind: "fail", code, message };
  }
}
