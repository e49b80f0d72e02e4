/**
 * Every error that the chat answers with, on its sockets and over HTTP. Codes are stable and never reused. `status` is the
 * HTTP status of the code; `message` is the text shown when the server has nothing more specific to say.
 */
export const ERRORS = {
  USER_HAS_TO_LOGIN: { status: 401, message: "Sign in first." },
  SIGN_IN_FAILED: { status: 401, message: "Wrong username or password." },
  FORBIDDEN: { status: 403, message: "Your account is not allowed to do this." },
  CONFIRMATION_REQUIRED: { status: 403, message: "Confirm your password first." },
  PASSWORD_CHANGE_REQUIRED: { status: 403, message: "Choose a new password first." },
  ORIGIN_NOT_ALLOWED: { status: 403, message: "Requests from this origin are not allowed." },
  ROOM_INVALID: { status: 404, message: "There is no such room." },
  ROOM_ACCESS_DENIED: { status: 403, message: "You have not joined this room, or are not allowed to do this in it." },
  ROOM_ARCHIVED: { status: 409, message: "This room is archived and read-only." },
  MESSAGE_INVALID: { status: 422, message: "A message must be text, not empty, and within the length limit." },
  MESSAGE_CHANGED: { status: 409, message: "The message was edited meanwhile. Look at it again." },
  MESSAGE_NOT_FOUND: { status: 404, message: "There is no such message in this room." },
  FILE_NOT_FOUND: { status: 404, message: "A file of the message is not there any more. Upload it again." },
  MEMBER_MUTED: { status: 403, message: "You are muted in this room." },
  MEMBER_BANNED: { status: 403, message: "This person is banned from the room. Lift the ban first." },
  LAST_OWNER: { status: 409, message: "This is the room's last owner. Make another member an owner first." },
  SLOW_MODE: { status: 429, message: "This room is in slow mode. Wait before you send another message." },
  // Not 429: waiting does not help, something has to be removed first.
  LIMIT_EXCEEDED: { status: 409, message: "A limit is reached. Remove something first." },
  SEARCH_INVALID: { status: 400, message: "The search query is invalid." },
  PERSON_NOT_FOUND: { status: 404, message: "There is no such person." },
  PERSON_DEACTIVATED: { status: 409, message: "This person's account is deactivated." },
  USERNAME_TAKEN: { status: 409, message: "This username is already taken." },
  USERNAME_CONFUSABLE: { status: 409, message: "This username looks like the name of another account." },
  USERNAME_RESERVED: { status: 409, message: "This username is reserved." },
  LAST_SUPERUSER: {
    status: 409,
    message: "This is the last active superuser. Make another account a superuser first.",
  },
  SESSION_NOT_FOUND: { status: 404, message: "There is no such session." },
  SETUP_CLOSED: { status: 404, message: "This server is already set up, or the setup address is wrong." },
  LINK_INVALID: { status: 404, message: "This link has been used, has expired, or was revoked. Ask for a new one." },
  COMMAND_UNKNOWN: { status: 404, message: "There is no such command." },
  COMMAND_INVALID: { status: 400, message: "The command is malformed." },
  RATE_LIMITED: { status: 429, message: "You're sending too fast. Wait a moment." },
  PAYLOAD_TOO_LARGE: { status: 413, message: "The payload is larger than the limit." },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, message: "Send JSON in UTF-8." },
  METHOD_NOT_ALLOWED: { status: 405, message: "This HTTP method is not supported." },
  REQUEST_TIMEOUT: { status: 408, message: "The request did not arrive in time." },
  TOO_MANY_CONNECTIONS: { status: 429, message: "This account has too many open connections." },
  UNAVAILABLE: { status: 503, message: "The server is temporarily unavailable. Try again." },
  NOT_FOUND: { status: 404, message: "There is nothing at this address." },
  INTERNAL: { status: 500, message: "The server failed. The failure has been logged." },
} as const satisfies Record<string, { readonly status: number; readonly message: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** An error on the wire: the `error` of a reply, or of the body of a failed HTTP request. */
export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  /** Seconds to wait before the next try; with RATE_LIMITED, SLOW_MODE, MEMBER_MUTED and UNAVAILABLE. */
  readonly retryAfter?: number;
  /** What is wrong with the input, with COMMAND_INVALID. `path` points into the command or the body. */
  readonly issues?: readonly { readonly path: string; readonly message: string }[];
}
