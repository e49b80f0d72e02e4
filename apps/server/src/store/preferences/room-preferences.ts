import type { RoomNotifyLevel, RoomPreference } from "@multichat/protocol";
import type { ReadContext, WriteContext } from "../database/context.ts";
import { prepared } from "../database/prepared.ts";

interface PreferenceRow {
  room: string;
  notify: string;
  starred: number;
}

const selectPreferences = prepared<{ user: string }, PreferenceRow>((db, param) =>
  db
    .selectFrom("room_preference")
    .select(["room", "notify", "starred"])
    .where("user", "=", param("user"))
    .orderBy("room"),
);

const selectPreference = prepared<{ user: string; room: string }, PreferenceRow>((db, param) =>
  db
    .selectFrom("room_preference")
    .select(["room", "notify", "starred"])
    .where("user", "=", param("user"))
    .where("room", "=", param("room")),
);

export async function listPreferences(
  context: ReadContext,
  { user }: { user: string },
): Promise<readonly RoomPreference[]> {
  return (await selectPreferences(context, { user })).map(toPreference);
}

export async function getPreference(
  context: ReadContext,
  { user, room }: { user: string; room: string },
): Promise<RoomPreference> {
  const [row] = await selectPreference(context, { user, room });
  return row === undefined ? { room, notify: "default", starred: false } : toPreference(row);
}

export interface PreferenceChange {
  readonly user: string;
  readonly room: string;
  readonly notify?: RoomNotifyLevel | undefined;
  readonly starred?: boolean | undefined;
}

export async function setPreference(
  context: WriteContext,
  { user, room, notify, starred }: PreferenceChange,
): Promise<RoomPreference> {
  const given = {
    ...(notify === undefined ? {} : { notify }),
    ...(starred === undefined ? {} : { starred: starred ? 1 : 0 }),
  };
  if (Object.keys(given).length > 0) {
    // What is not given stays as it is, also as another process changes it at the same time.
    await context.db
      .insertInto("room_preference")
      .values({ user, room, notify: "default", starred: 0, ...given })
      .onConflict((conflict) => conflict.columns(["user", "room"]).doUpdateSet(given))
      .execute();
  }
  return await getPreference(context, { user, room });
}

function toPreference({ room, notify, starred }: PreferenceRow): RoomPreference {
  // Written by the function above alone, from the same type.
  return { room, notify: notify as RoomNotifyLevel, starred: starred === 1 };
}
