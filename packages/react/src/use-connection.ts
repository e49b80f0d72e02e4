import type { Protocol } from "@multichat/channels/protocol";
import type { Client, ConnectionState } from "@multichat/channels-client";
import { useSyncExternalStore } from "react";

const SERVER_STATE: ConnectionState = { phase: "closed", reason: { kind: "client" } };

/**
 * Returns whether the client is connected, and renders again when that changes. On a server, and while the page takes over what the
 * server has rendered, it is "closed".
 */
export function useConnection<P extends Protocol>({ connection }: Client<P>): ConnectionState {
  return useSyncExternalStore(connection.subscribe, connection.get, () => SERVER_STATE);
}
