import type { Context } from "../context.ts";
import type { PresenceService } from "./presence-service.ts";

/** The context of commands that read or set presence. */
export interface PresenceContext extends Context {
  readonly presence: PresenceService;
}
