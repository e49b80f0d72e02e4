import { ERRORS, type ErrorCode, type WireError } from "@multichat/protocol";

/** Why a request came to nothing: a code of the protocol's table, or OFFLINE where no answer came at all. */
export type FailureCode = ErrorCode | "OFFLINE";

export class RequestFailed extends Error {
  override readonly name = "RequestFailed";
  readonly code: FailureCode;
  /** Seconds, where the server said so. */
  readonly retryAfterSeconds: number | undefined;
  /** Where the input went wrong: paths into the body that was sent. */
  readonly issues: NonNullable<WireError["issues"]>;

  constructor(code: FailureCode, message: string, details: Pick<WireError, "retryAfter" | "issues"> = {}) {
    super(message);
    this.code = code;
    this.retryAfterSeconds = details.retryAfter;
    this.issues = details.issues ?? [];
  }
}

type Method = "GET" | "POST" | "PATCH" | "DELETE";

function isWireError(error: unknown): error is WireError {
  return (
    typeof error === "object" &&
    error !== null &&
    "code" in error &&
    typeof error.code === "string" &&
    Object.hasOwn(ERRORS, error.code) &&
    "message" in error &&
    typeof error.message === "string"
  );
}

function toRequestFailed(status: number, body: unknown): RequestFailed {
  const error = typeof body === "object" && body !== null && "error" in body ? body.error : undefined;
  if (isWireError(error)) return new RequestFailed(error.code, error.message, error);
  // Not the chat that answered: a proxy in front of it, most likely while the chat itself is away.
  if (status === 502 || status === 503 || status === 504)
    return new RequestFailed("UNAVAILABLE", ERRORS.UNAVAILABLE.message);
  return new RequestFailed(
    "INTERNAL",
    `expected an answer of the chat, got HTTP ${status}; try again, or ask who runs the server`,
  );
}

/**
 * One request to the chat's HTTP API. `T` is what PROTOCOL promises for this path; it is not checked again here.
 * @throws RequestFailed, always; never a bare network error.
 */
export async function request<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: "same-origin",
      headers:
        body === undefined
          ? { accept: "application/json" }
          : { accept: "application/json", "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new RequestFailed("OFFLINE", "The server could not be reached.");
  }
  const text = await response.text();
  let parsed: unknown;
  try {
    parsed = text === "" ? undefined : JSON.parse(text);
  } catch {
    throw toRequestFailed(response.ok ? 502 : response.status, undefined);
  }
  if (!response.ok) throw toRequestFailed(response.status, parsed);
  return parsed as T;
}
