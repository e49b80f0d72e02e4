import type { WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";

const insertClaim = prepared<{ room: string; seq: number; at: number }, { seq: number }>((db, param) =>
  db
    .insertInto("event_claim")
    .values({ room: param("room"), seq: param("seq"), at: param("at") })
    .onConflict((conflict) => conflict.doNothing())
    .returning("seq"),
);

/** Returns true to the first process that claims this event of a log. */
export async function claimEvent(
  context: WriteContext,
  { room, seq }: { room: string; seq: number },
): Promise<boolean> {
  return (await insertClaim(context, { room, seq, at: context.now })).length > 0;
}
