/**
 * The codes that the server closes a socket with. The range says what a client does, even for a code it does not know:
 * 4000 to 4099 reconnect immediately, 4100 to 4199 reconnect with backoff, 4200 to 4299 do not reconnect.
 */
export const CLOSE_CODES = {
  RECONNECT: 4000,
  DRAINING: 4100,
  TOO_SLOW: 4101,
  HEARTBEAT_LOST: 4102,
  SIGNED_OUT: 4200,
  BANNED: 4201,
  PROTOCOL_ERROR: 4202,
} as const;

export type CloseCode = (typeof CLOSE_CODES)[keyof typeof CLOSE_CODES];

/** What a client does after its socket was closed. */
export type ReconnectPolicy = "immediate" | "backoff" | "never";

/** Returns what a client does after a close with `code`; "backoff" for the standard codes (1006, 1011, 1012, …). */
export function getReconnectPolicy(code: number): ReconnectPolicy {
  if (code >= 4000 && code <= 4099) return "immediate";
  if (code >= 4200 && code <= 4299) return "never";
  return "backoff";
}
