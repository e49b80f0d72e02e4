import type { ErrorCode, WireError } from "@multichat/protocol";
import { BASE_PATH } from "./base-path.ts";

/** A code of the protocol's error table, or OFFLINE when no answer arrived. */
export type FailureCode = ErrorCode | "OFFLINE";

export class RequestFailed extends Error {
  override readonly name = "RequestFailed";
  readonly code: FailureCode;
  readonly retryAfterSeconds: number | undefined;
  /** The invalid fields, as paths into the request body. */
  readonly issues: NonNullable<WireError["issues"]>;

  constructor(code: FailureCode, message: string, details: Pick<WireError, "retryAfter" | "issues"> = {}) {
    super(message);
    this.code = code;
    this.retryAfterSeconds = details.retryAfter;
    this.issues = details.issues ?? [];
  }
}

type Method = "GET" | "POST" | "PATCH" | "DELETE";

interface RequestOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** Also a code that this version does not know, of a newer server. */
const ERROR_CODE = /^[A-Z_]+$/;

function isWireError(error: unknown): error is WireError {
  return (
    typeof error === "object" &&
    error !== null &&
    "code" in error &&
    typeof error.code === "string" &&
    ERROR_CODE.test(error.code) &&
    "message" in error &&
    typeof error.message === "string"
  );
}

function toRequestFailed(status: number, body: unknown): RequestFailed {
  const error = typeof body === "object" && body !== null && "error" in body ? body.error : undefined;
  if (isWireError(error)) return new RequestFailed(error.code, error.message, error);
  // A proxy in front of the chat answered, most likely while the chat itself is down.
  if (status === 502 || status === 503 || status === 504) return new RequestFailed("UNAVAILABLE", "");
  return new RequestFailed(
    "INTERNAL",
    `Expected an answer from the chat, got HTTP ${status}. Try again, or ask the operator of the server.`,
  );
}

/**
 * Sends one request to the HTTP API, at a path within the chat. `T` is what the protocol promises for this path; it is not validated again.
 * @throws RequestFailed when the request fails in any way; the abort reason when `signal` was aborted.
 */
export async function request<T>(method: Method, path: string, { body, signal }: RequestOptions = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(BASE_PATH + path, {
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
