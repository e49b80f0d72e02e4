/** Why the client is waiting before it tries again. */
export type WaitReason =
  /** No connection came about: the server is down, or something between is. */
  | "unreachable"
  /** The connection broke. */
  | "lost"
  /** The server is restarting and said when to come back. */
  | "draining"
  /** The server closed because this client did not read fast enough. */
  | "too-slow"
  /** Nothing was heard, and a ping was not answered. */
  | "heartbeat";

/** Why the client does not come back by itself. */
export type RefusalCode = "signed-out" | "banned" | "protocol";

/** The life of the one connection. Only `open` carries commands; sending a message is possible in every phase. */
export type ConnectionState =
  /** Before `connect()` and after `disconnect()`. */
  | { readonly phase: "idle" }
  /** `attempt` counts from 1 since the last connection that held. */
  | { readonly phase: "connecting"; readonly attempt: number }
  | { readonly phase: "open" }
  /** `until`: milliseconds since 1970, when the next attempt begins. */
  | { readonly phase: "waiting"; readonly until: number; readonly attempt: number; readonly reason: WaitReason }
  /** The device says that it has no network; the client tries at once when it has one again, and slowly until then. */
  | { readonly phase: "offline" }
  /** The server does not want this connection back; `connect()` tries anew, after signing in for instance. */
  | { readonly phase: "refused"; readonly code: RefusalCode };
