/** Why the client waits before the next attempt. */
export type WaitReason =
  /** The connection could not be opened: the server or the network between is down, or the handshake was refused. */
  | "unreachable"
  /** The connection broke, or the server closed it with a `code` after which the client comes back. */
  | "lost"
  /** The server is restarting, and said when to come back. */
  | "draining"
  /** Nothing was received, and a ping was not answered. */
  | "silent"
  /** The function `token` has failed. */
  | "token"
  /** The device says that it has no network. */
  | "offline";

/** Why the client does not connect by itself any more. */
export type CloseReason =
  /** `close()` was called, or `connect()` was not called yet. */
  | { readonly kind: "client" }
  /** The server closed the connection with a code that says so, see `getReconnectPolicy`. */
  | { readonly kind: "server"; readonly code: number; readonly text: string }
  /** The function `token` returned null. */
  | { readonly kind: "signed-out" }
  /** A handshake failed, and `shouldRetry` returned false. */
  | { readonly kind: "refused" };

export type ConnectionState =
  /** `attempt` counts from 1 since the last connection that held. */
  | { readonly phase: "connecting"; readonly attempt: number }
  | { readonly phase: "open" }
  /** `until`: when the next attempt begins, in milliseconds since 1970. `code`: of the close frame, if there was one. */
  | {
      readonly phase: "waiting";
      readonly until: number;
      readonly attempt: number;
      readonly reason: WaitReason;
      readonly code?: number;
    }
  | { readonly phase: "closed"; readonly reason: CloseReason };
