import { ClientBusy, CommandError, ReplyTimeout } from "../model/errors.ts";

/** How often a message can meet a fault of the server, or a room that is not joined, before it counts as the cause. */
const MAX_FAULTS = 5;
/** The longest slow mode that a message waits for; a longer one fails, so that the user notices. */
const MAX_SLOW_MODE_SECONDS = 60;

/** What to do with a message that the server did not accept. */
export type OutboxRefusal =
  /** Send nothing for a while: the limits are those of the connection. */
  | { readonly kind: "pause"; readonly seconds: number; readonly isFault: boolean }
  /** Send nothing to this room for a while. */
  | { readonly kind: "pause-room"; readonly seconds: number }
  /** The connection is no longer in the room. Joining shows whether the user still has access. */
  | { readonly kind: "rejoin" }
  | { readonly kind: "fail"; readonly code: CommandError["code"]; readonly message: string };

/**
 * @param faultCount how many faults this message has met before
 * @throws an error that is not a refusal
 */
export function classifyRefusal(error: unknown, faultCount: number): OutboxRefusal {
  if (error instanceof ReplyTimeout || error instanceof ClientBusy) {
    return { kind: "pause", seconds: 0, isFault: false };
  }
  if (!(error instanceof CommandError)) throw error;
  const { code, message, retryAfterSeconds: seconds = 0 } = error;
  const isLastAttempt = faultCount + 1 >= MAX_FAULTS;
  switch (code) {
    case "INTERNAL":
      return isLastAttempt ? { kind: "fail", code, message } : { kind: "pause", seconds, isFault: true };
    case "ROOM_ACCESS_DENIED":
      return isLastAttempt ? { kind: "fail", code, message } : { kind: "rejoin" };
    case "SLOW_MODE":
      return seconds > MAX_SLOW_MODE_SECONDS ? { kind: "fail", code, message } : { kind: "pause-room", seconds };
    case "RATE_LIMITED":
    case "UNAVAILABLE":
    case "USER_HAS_TO_LOGIN":
    case "TOO_MANY_CONNECTIONS":
      return { kind: "pause", seconds, isFault: false };
    default:
      return { kind: "fail", code, message };
  }
}
