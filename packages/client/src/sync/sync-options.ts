import type { Clock } from "../core/clock.ts";
import type { ChatSignals } from "../model/chat-signals.ts";
import type { JoinedRooms } from "../model/joined-rooms.ts";
import type { Transport } from "../transport/transport.ts";
import type { LocalStateParts } from "./local-state.ts";

export interface SyncOptions extends LocalStateParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly transport: Transport;
  readonly joinedRooms: JoinedRooms;
  readonly signals: ChatSignals;
  readonly subscribeTo: "listed" | "opened";
  readonly maxIdleRooms: number;
}
