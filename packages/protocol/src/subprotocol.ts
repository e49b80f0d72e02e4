/** The WebSocket subprotocol of the chat's own door, `GET /ws`. */
export const SUBPROTOCOL = "multichat.v1";
/** A token travels as a second offered subprotocol, `bearer.<token>`, never in the address. */
export const BEARER_PREFIX = "bearer.";
