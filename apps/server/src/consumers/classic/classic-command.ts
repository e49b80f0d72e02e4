import type { ErrorCode } from "@multichat/protocol";

/** A parsed frame of the classic protocol; `error` holds the code to answer an invalid frame with. */
export type ClassicCommand =
  | { readonly kind: "join" | "leave"; readonly room: number }
  | { readonly kind: "send"; readonly room: number; readonly message: unknown }
  | { readonly kind: "error"; readonly code: ErrorCode };

const DIGITS = /^[1-9][0-9]{0,15}$/;

export function readClassicCommand(text: string): ClassicCommand {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return invalid("COMMAND_INVALID");
  }
  if (typeof frame !== "object" || frame === null || Array.isArray(frame)) return invalid("COMMAND_INVALID");
  const { command, room, message } = frame as { command?: unknown; room?: unknown; message?: unknown };
  if (typeof command !== "string") return invalid("COMMAND_INVALID");
  if (command !== "join" && command !== "leave" && command !== "send") return invalid("COMMAND_UNKNOWN");
  if (room === undefined || (command === "send" && message === undefined)) return invalid("COMMAND_INVALID");
  const number = readRoomNumber(room);
  if (number === undefined) return invalid("ROOM_INVALID");
  return command === "send" ? { kind: command, room: number, message } : { kind: command, room: number };
}

/** 1 and "1" are the same room; any other spelling of a number is no room. */
function readRoomNumber(room: unknown): number | undefined {
  const number = typeof room === "string" && DIGITS.test(room) ? Number(room) : room;
  return typeof number === "number" && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

function invalid(code: ErrorCode): ClassicCommand {
  return { kind: "error", code };
}
