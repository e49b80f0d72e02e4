import { ERRORS, type ErrorCode, type WireError } from "@multichat/protocol";

export interface RefusalDetails {
  /** Seconds to wait before trying again. */
  readonly retryAfter?: number | undefined;
  /** Where the input went wrong: paths into what was sent. */
  readonly issues?: WireError["issues"];
}

/**
 * The chat said no, and says why: a code of the protocol's table. The doors turn it into their own form (a reply's
 * `error`, an HTTP status with a body, a line on stderr); every other exception is a fault of ours and is logged.
 */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: ErrorCode;
  readonly retryAfter: number | undefined;
  readonly issues: WireError["issues"];

  /** @param message For people; the table's own sentence where there is nothing more exact to say. */
  constructor(code: ErrorCode, message: string = ERRORS[code].message, details: RefusalDetails = {}) {
    super(message);
    this.code = code;
    this.retryAfter = details.retryAfter;
    this.issues = details.issues;
  }

  /** As it travels, on every door. */
  toWire(): WireError {
    return {
      code: this.code,
      message: this.message,
      ...(this.retryAfter === undefined ? {} : { retryAfter: this.retryAfter }),
      ...(this.issues === undefined ? {} : { issues: this.issues }),
    };
  }
}
