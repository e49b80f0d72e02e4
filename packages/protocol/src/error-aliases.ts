import type { ErrorCode } from "./errors.ts";

/** Codes that older servers send, each with the current code of the same error. */
export const ERROR_ALIASES = {
  MESSAGE_UNKNOWN: "MESSAGE_NOT_FOUND",
  PERSON_INVALID: "PERSON_NOT_FOUND",
  SESSION_INVALID: "SESSION_NOT_FOUND",
} as const satisfies Record<string, ErrorCode>;

export type ErrorAlias = keyof typeof ERROR_ALIASES;

/** Returns the current spelling of an error code from a server of any version. A code it does not know stays as it is. */
export function canonicalErrorCode(code: string): ErrorCode {
  if (Object.hasOwn(ERROR_ALIASES, code)) return ERROR_ALIASES[code as ErrorAlias];
  // A newer server may send a code that this version lacks; callers have a default case for it.
  return code as ErrorCode;
}
