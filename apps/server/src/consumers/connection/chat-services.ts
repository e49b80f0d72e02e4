import type { Schemas } from "@multichat/protocol/schemas";
import type { MissedEventReplayer } from "../../change-feed/missed-event-replayer.ts";
import type { PresenceContext } from "../../presence/index.ts";
import type { OpenConnections } from "./open-connections.ts";

/** What the chat's consumers work with. Made once, in main.ts; reaches them in their scope's `state`. */
export interface ChatServices {
  readonly context: PresenceContext;
  readonly schemas: Schemas;
  readonly connections: OpenConnections;
  /** Told which rooms are heard here. */
  readonly logs: Pick<MissedEventReplayer, "watch" | "unwatch">;
  /** Whether a page of this origin may open a socket; `host` is what the request names. */
  readonly originAllowed: (origin: string, host: string | undefined) => boolean;
}
