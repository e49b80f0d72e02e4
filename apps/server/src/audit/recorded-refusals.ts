import type { ErrorCode } from "@multichat/protocol";

/** Refusals of access. Input that is wrong in another way is nobody's attempt to get further than allowed. */
const RECORDED: ReadonlySet<ErrorCode> = new Set([
  "USER_HAS_TO_LOGIN",
  "FORBIDDEN",
  "ROOM_ACCESS_DENIED",
  // Also of rooms that exist and that the account must not see.
  "ROOM_INVALID",
  "ORIGIN_NOT_ALLOWED",
  "CONFIRMATION_REQUIRED",
  "PASSWORD_CHANGE_REQUIRED",
  "RATE_LIMITED",
]);

/** Whether the audit log records who was refused with this code. */
export function isRecordedRefusal(code: ErrorCode): boolean {
  return RECORDED.has(code);
}
