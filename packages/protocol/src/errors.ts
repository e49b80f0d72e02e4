/**
 * Every error that the chat answers with, on the sockets and over HTTP: one table, stable codes, never reused.
 * `status` is the HTTP status that goes with the code; `message` is the sentence a person may read when the server has
 * nothing more exact to say.
 */
export const ERRORS = {
  USER_HAS_TO_LOGIN: { status: 401, message: "Sign in first." },
  SIGN_IN_FAILED: { status: 401, message: "The username or the password is not right." },
  FORBIDDEN: { status: 403, message: "Your account may not do this." },
  ORIGIN_NOT_ALLOWED: { status: 403, message: "Requests from this origin are not allowed." },
  ROOM_INVALID: { status: 404, message: "There is no such room." },
  ROOM_ACCESS_DENIED: { status: 403, message: "You are not in this room, or may not do this in it." },
  ROOM_ARCHIVED: { status: 409, message: "This room is archived: it can be read, not written to." },
  MESSAGE_INVALID: { status: 422, message: "A message is text, not empty, and not longer than the limit." },
  MESSAGE_UNKNOWN: { status: 404, message: "There is no such message in this room." },
  MEMBER_MUTED: { status: 403, message: "You are muted in this room for the time being." },
  MEMBER_BANNED: { status: 403, message: "This person is banned from the room; lift the ban first." },
  LAST_OWNER: { status: 409, message: "This is the room's last owner; make somebody else one first." },
  SLOW_MODE: { status: 429, message: "This room is in slow mode; wait before the next message." },
  SEARCH_INVALID: { status: 400, message: "The search could not be understood." },
  PERSON_INVALID: { status: 404, message: "There is no such person." },
  USERNAME_TAKEN: { status: 409, message: "Somebody has this username already." },
  LAST_SUPERUSER: { status: 409, message: "This is the last active superuser; make another one first." },
  SESSION_INVALID: { status: 404, message: "There is no such session." },
  SETUP_CLOSED: { status: 404, message: "This server is set up already, or the set-up address is not right." },
  COMMAND_UNKNOWN: { status: 404, message: "There is no such command." },
  COMMAND_INVALID: { status: 400, message: "The command is not of the shape that it should be." },
  RATE_LIMITED: { status: 429, message: "Too much at once; wait a moment." },
  PAYLOAD_TOO_LARGE: { status: 413, message: "This is larger than the limit." },
  TOO_MANY_CONNECTIONS: { status: 429, message: "This account has too many open connections." },
  UNAVAILABLE: { status: 503, message: "The server cannot do this at the moment; try again." },
  NOT_FOUND: { status: 404, message: "There is nothing at this address." },
  INTERNAL: { status: 500, message: "The server failed; it has been logged." },
} as const satisfies Record<string, { readonly status: number; readonly message: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** An error as it travels: in a reply's `error`, and in the body of a refused request. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  /** Seconds to wait before trying again; with RATE_LIMITED, SLOW_MODE, MEMBER_MUTED and UNAVAILABLE. */
  readonly retryAfter?: number;
  /** Where the input went wrong, with COMMAND_INVALID: paths into what was sent. */
  readonly issues?: readonly { readonly path: string; readonly message: string }[];
}
