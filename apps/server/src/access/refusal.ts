import { ERRORS, type ErrorCode, type WireError } from "@multichat/protocol";

export interface RefusalDetails {
  /** Seconds to wait before the next attempt. */
  readonly retryAfter?: number | undefined;
  /** Paths to the invalid parts of the input. */
  readonly issues?: WireError["issues"];
}

/**
 * A request that the chat denies, with a code of the protocol. Each interface answers it in its own form: the `error` of a
 * reply, an HTTP status with a body, or a line on stderr. Every other exception is a bug in the server and is logged.
 */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: ErrorCode;
  readonly retryAfter: number | undefined;
  readonly issues: WireError["issues"];

  /** @param message For the user. @default the code's own message */
  constructor(code: ErrorCode, message: string = ERRORS[code].message, details: RefusalDetails = {}) {
    super(message);
    this.code = code;
    this.retryAfter = details.retryAfter;
    this.issues = details.issues;
  }

  /** Returns the refusal as every interface sends it. */
  toWire(): WireError {
    return {
      code: this.code,
      message: this.message,
      ...(this.retryAfter === undefined ? {} : { retryAfter: this.retryAfter }),
      ...(this.issues === undefined ? {} : { issues: this.issues }),
    };
  }
}
