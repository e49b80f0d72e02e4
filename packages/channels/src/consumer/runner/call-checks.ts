import { ChannelsError } from "../../errors.ts";
import { isCloseCode } from "../../layer/close-code.ts";
import type { ConnectionState } from "./connection-state.ts";

// What a consumer can pass to its connection, and when. Each check throws for the developer of the consumer.

/** @throws OutOfTurn after the handshake. */
export function checkConnecting({ phase }: ConnectionState, operation: "accept()" | "refuse()"): void {
  if (phase === "connecting") return;
  throw new ChannelsError("OutOfTurn", {
    operation,
    phase,
    expected: "a single call, before the handshake has ended",
  });
}

/** @throws OutOfTurn before the handshake has been accepted. */
export function checkAccepted({ phase }: ConnectionState, operation: "send()"): void {
  if (phase === "connecting") throw new ChannelsError("OutOfTurn", { operation, phase, expected: "accept() first" });
}

/** @throws OutOfTurn when `connect` has returned and decided nothing. */
export function checkDecided({ phase }: ConnectionState): void {
  if (phase !== "connecting") return;
  throw new ChannelsError("OutOfTurn", {
    operation: "Returning from connect()",
    phase,
    expected: "accept(), close() or refuse() first",
  });
}

/** @throws InvalidSubprotocol for one that the client has not offered. */
export function checkSubprotocol(subprotocol: string | undefined, offered: readonly string[]): void {
  if (subprotocol === undefined || offered.includes(subprotocol)) return;
  throw new ChannelsError("InvalidSubprotocol", { got: subprotocol, offered });
}

/** @throws InvalidOption for a status that refuses nothing. */
export function checkRefusalStatus(status: number): void {
  if (Number.isInteger(status) && status >= 400 && status <= 599) return;
  throw new ChannelsError("InvalidOption", {
    option: "status",
    expected: "an HTTP status from 400 to 599",
    got: status,
  });
}

/** @throws InvalidCloseCode for a code that an endpoint may not send. */
export function checkCloseCode(code: number): void {
  if (!isCloseCode(code)) throw new ChannelsError("InvalidCloseCode", { got: code });
}
