import type { PresenceStatus } from "@multichat/protocol";
import type { Actor } from "../accounts/accounts.ts";
import type { PresenceContext } from "./presence-context.ts";

export interface SetPresence {
  /** The connection that it is said of. */
  readonly channel: string;
  /** `offline`: there, and not to be seen. */
  readonly status: PresenceStatus;
  /** @default none */
  readonly text?: string | undefined;
}

/** How one of a person's connections is there; what others see is the liveliest of them. */
export async function setPresence(
  { presence }: Pick<PresenceContext, "presence">,
  actor: Pick<Actor, "id">,
  { channel, status, text = "" }: SetPresence,
): Promise<void> {
  await presence.setStatus(actor.id, channel, status, text);
}
