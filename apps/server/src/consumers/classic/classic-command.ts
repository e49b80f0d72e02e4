import type { ErrorCode } from "@multichat/protocol";
import { isCheapJson } from "../../access/json-bounds.ts";

/** A parsed frame of the classic protocol; `error` holds the code to answer an invalid frame with. */
export type ClassicCommand =
  | { readonly kind: "join" | "leave"; readonly room: number }
  /** `room` is any integer: whether the connection has joined it is checked before whether it exists. */
  | { readonly kind: "send"; readonly room: number; readonly message: unknown }
  | { readonly kind: "error"; readonly code: ErrorCode };

const INTEGER = /^(?:0|-?[1-9][0-9]*)$/;

export function readClassicCommand(text: string): ClassicCommand {
  if (!isCheapJson(text)) return invalid("COMMAND_INVALID");
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
  const number = readInteger(room);
  if (number === undefined) return invalid("ROOM_INVALID");
  if (command === "send") return { kind: command, room: number, message };
  return Number.isSafeInteger(number) && number > 0 ? { kind: command, room: number } : invalid("ROOM_INVALID");
}

/** 1 and "1" are the same room; any other spelling of a number is no room. */
function readInteger(room: unknown): number | undefined {
  if (typeof room === "string") return INTEGER.test(room) ? Number(room) : undefined;
  return typeof room === "number" && Number.isInteger(room) ? room : undefined;
}

function invalid(code: ErrorCode): ClassicCommand {
  return { kind: "error", code };
}
