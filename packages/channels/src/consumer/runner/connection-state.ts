/** The state of a connection. */
export type ConnectionState =
  | { readonly phase: "connecting" }
  | { readonly phase: "open"; readonly subprotocol: string | undefined }
  | { readonly phase: "closing"; readonly code: number }
  | { readonly phase: "closed"; readonly code: number };

export const CONNECTING: ConnectionState = Object.freeze({ phase: "connecting" });

let lastOpen: ConnectionState & { readonly phase: "open" } = Object.freeze({ phase: "open", subprotocol: undefined });

/** Returns the state of an open connection. Connections with the same subprotocol share it. */
export function openState(subprotocol: string | undefined): ConnectionState {
  if (lastOpen.subprotocol !== subprotocol) lastOpen = Object.freeze({ phase: "open", subprotocol });
  return lastOpen;
}

/**
 * What happens to queued frames when a connection ends: they are handled if the client ended it after sending them, and
 * discarded if the server ended it.
 */
export type QueuedFramesPolicy = "handle" | "discard";
