import type { Actor } from "../accounts/accounts.ts";
import type { ActorRef } from "../store/store.ts";

/** Who acts when nobody signed in: whoever runs the command line on the server's own machine. May do everything. */
export const OPERATOR: Actor = Object.freeze({
  id: "operator",
  username: "operator",
  staff: true,
  superuser: true,
  operator: true,
  session: null,
});

/** How the actor stands in a room's log: the operator is no account, so nobody is named. */
export function toActorRef(actor: Actor): ActorRef {
  return actor === OPERATOR ? null : { id: actor.id, username: actor.username };
}
