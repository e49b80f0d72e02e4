import type { PresenceStatus } from "@multichat/protocol";
import type { Actor } from "../accounts/accounts.ts";
import type { PresenceContext } from "./presence-context.ts";

export interface SetPresence {
  /** The channel of the connection. */
  readonly channel: string;
  /** `offline`: connected, but invisible. */
  readonly status: PresenceStatus;
  /** @default "" */
  readonly text?: string | undefined;
}

/** Sets the status of one of the actor's connections. Other users see that of the most active one. */
export async function setPresence(
  { presence }: Pick<PresenceContext, "presence">,
  actor: Pick<Actor, "id">,
  { channel, status, text = "" }: SetPresence,
): Promise<void> {
  await presence.setStatus(actor.id, channel, { status, text });
}
