/** The WebSocket subprotocol of `GET /ws`. */
export const SUBPROTOCOL = "multichat.v1";
/** Prefix of the second offered subprotocol, which carries a token: `bearer.<token>`. URLs end up in logs, so a token is never in one. */
export const BEARER_PREFIX = "bearer.";
