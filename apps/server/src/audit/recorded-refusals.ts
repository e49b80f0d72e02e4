import type { ErrorCode } from "@multichat/protocol";

/** Refusals of access. */
const RECORDED: ReadonlySet<ErrorCode> = new Set([
  "USER_HAS_TO_LOGIN",
  "FORBIDDEN",
  "ROOM_ACCESS_DENIED",
  // Also of rooms that exist and that the account must not see.
  "ROOM_INVALID",
  "LINK_INVALID",
  "ORIGIN_NOT_ALLOWED",
  "CONFIRMATION_REQUIRED",
  "PASSWORD_CHANGE_REQUIRED",
  "RATE_LIMITED",
]);

/** Whether the audit log records who was refused with this code. */
export function isRecordedRefusal(code: ErrorCode): boolean {
  return RECORDED.has(code);
}

/** Input of a form that no client of this chat sends. What people type (texts, names, queries) has codes of its own. */
const INVALID_INPUT: ReadonlySet<ErrorCode> = new Set([
  "COMMAND_INVALID",
  "COMMAND_UNKNOWN",
  "METHOD_NOT_ALLOWED",
  "PAYLOAD_TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
]);

/** Whether the server's log says who was refused with this code. */
export function isInvalidInput(code: ErrorCode): boolean {
  return INVALID_INPUT.has(code);
}
