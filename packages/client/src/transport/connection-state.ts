/** Why the client waits before the next attempt. */
export type WaitReason =
  /** The connection could not be opened: the server or the network between is down. */
  | "unreachable"
  /** The connection broke. */
  | "lost"
  /** The server is restarting and said when to reconnect. */
  | "draining"
  /** The server closed the connection because this client did not read fast enough. */
  | "too-slow"
  /** Nothing was received, and a ping was not answered. */
  | "heartbeat";

/** Why the client does not reconnect by itself. */
export type RefusalCode = "signed-out" | "banned" | "protocol";

/** The state of the connection. Only `open` carries commands; messages can be sent in every phase. */
export type ConnectionState =
  /** Before `connect()` and after `disconnect()`. */
  | { readonly phase: "idle" }
  /** `attempt` counts from 1 since the last stable connection. */
  | { readonly phase: "connecting"; readonly attempt: number }
  | { readonly phase: "open" }
  /** `until`: when the next attempt begins, in milliseconds since 1970. */
  | { readonly phase: "waiting"; readonly until: number; readonly attempt: number; readonly reason: WaitReason }
  /** The device has no network. The client connects as soon as it has one, and tries every 30 s until then. */
  | { readonly phase: "offline" }
  /** The server refused the connection for good; `connect()` tries again, for example after signing in. */
  | { readonly phase: "refused"; readonly code: RefusalCode };
