import type { Context } from "../context.ts";
import type { PresenceService } from "./presence-service.ts";

/** The context of commands that deal with presence as well. */
export interface PresenceContext extends Context {
  readonly presence: PresenceService;
}
