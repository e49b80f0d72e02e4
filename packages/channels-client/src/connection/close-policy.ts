/** What a client does after the server has closed its connection. */
export type ReconnectPolicy =
  /** Connects again at once; with backoff where the connection did not hold for `stableAfterMs`. */
  | "immediate"
  /** Connects again after a delay with full jitter. */
  | "backoff"
  /** Ends, until `connect()` is called. */
  | "never";

/** After these, the same client would be closed again for the same reason. */
const FINAL_CODES: ReadonlySet<number> = new Set([
  1000, // the server has finished with this client
  1003, // unacceptable data
  1007, // invalid data
  1010, // a missing extension
  3000, // unauthorized, as registered at IANA
  3003, // forbidden, as registered at IANA
]);

/**
 * Returns what a client does after a close code. The ranges of an application's own codes say so even for a code that the
 * client does not know: 4000 to 4099 reconnect at once, 4100 to 4199 and all others with backoff, 4200 to 4299 never.
 */
export function getReconnectPolicy(code: number): ReconnectPolicy {
  if (code >= 4000 && code <= 4099) return "immediate";
  if ((code >= 4200 && code <= 4299) || FINAL_CODES.has(code)) return "never";
  return "backoff";
}
