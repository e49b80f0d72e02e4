import { canSeeRoom } from "../access/policies/rooms.ts";
import { canReadAuditLog } from "../access/policies/settings.ts";
import { Refusal } from "../access/refusal.ts";
import type { RoomReader } from "../access/visible-room.ts";
import type { Actor } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import type { AuditEntry, AuditQuery } from "../store/store.ts";

/**
 * Returns the entries of the audit log that match, newest first. An actor or a target that is an account's name is found in any
 * case, and an actor also under the account's earlier names. The titles of private rooms that the viewer cannot see are left out:
 * `multichat audit export` has them.
 *
 * @throws Refusal FORBIDDEN.
 */
export async function readAuditLog(
  { store, accounts }: Pick<Context, "store" | "accounts">,
  viewer: Actor,
  { actor, target, ...query }: AuditQuery,
): Promise<readonly AuditEntry[]> {
  if (!canReadAuditLog(viewer)) throw new Refusal("FORBIDDEN");
  const find = async (name: string | undefined) => (name === undefined ? undefined : accounts.find(name));
  const [byActor, byTarget] = await Promise.all([find(actor), find(target)]);
  const entries = await store.audit.read({
    ...query,
    actor: byActor?.id ?? actor,
    target: byTarget?.username ?? target,
  });
  return Promise.all(entries.map((entry) => withoutHiddenTitle({ store }, viewer, entry)));
}

/** An entry of a room that is gone says what kind it was; older ones do not, and count as private. */
async function withoutHiddenTitle({ store }: RoomReader, viewer: Actor, entry: AuditEntry): Promise<AuditEntry> {
  const { action, target, details } = entry;
  if (!action.startsWith("room.") || details.title === undefined || target === null) return entry;
  const room = await store.rooms.find(target);
  const canSee = room === undefined ? details.kind === "open" : canSeeRoom(viewer, room);
  if (canSee) return entry;
  const { title: _, ...rest } = details;
  return { ...entry, details: rest };
}
