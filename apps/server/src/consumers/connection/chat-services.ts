import type { Schemas } from "@multichat/protocol/schemas";
import type { Pacer } from "../../access/pacer.ts";
import type { LogDelivery } from "../../fan-out/log-delivery.ts";
import type { ReactionPacer } from "../../messages/index.ts";
import type { NoticeLimiter, PresenceContext, RoomOccupancy } from "../../presence/index.ts";
import type { LatestPages, MissedEvents } from "../../rooms/index.ts";
import type { AccountBudgets } from "./command-rate.ts";
import type { OpenConnections } from "./open-connections.ts";
import type { RefusalRecorder } from "./refusal-recorder.ts";

/** The services of the chat's consumers. Created once, in main/sockets.ts, and passed in the scope's `state`. */
export interface ChatServices {
  readonly context: PresenceContext;
  readonly schemas: Schemas;
  readonly connections: OpenConnections;
  /** Delivers the events of the rooms that connections of this process have joined. */
  readonly logs: Pick<LogDelivery, "watch" | "unwatch">;
  /** The commands of each account on all its connections to this process. */
  readonly budgets: AccountBudgets;
  /** Bounds how often a user's typing is published in a room. */
  readonly typingNotices: NoticeLimiter;
  /** Bounds how often the reactions that a user switches on and off reach the others. */
  readonly reactions: ReactionPacer;
  /** Records refused handshakes and commands. */
  readonly refusals: Pick<RefusalRecorder, "record">;
  /** Holds back the refusals of handshakes that an address repeats. */
  readonly handshakeRefusals: Pacer;
  /** The path that the chat is served under, without a slash at the end; empty at the root. */
  readonly basePath: string;
  /** The latest pages of rooms, which those who join share. */
  readonly pages: LatestPages;
  /** The events that connections have missed, which those who resume share. */
  readonly missed: MissedEvents;
  /** The users of each room; publishes who enters and leaves. */
  readonly occupancy: RoomOccupancy;
  /** Whether a page of this origin can open a socket; `host` is the request's Host header. */
  readonly isOriginAllowed: (origin: string, host: string | undefined) => boolean;
}
