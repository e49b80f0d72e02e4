import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { migrate, openSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { ActorRef, Store } from "../../../src/store/store.ts";
import { ALICE, BOB, roomIn, tempFile, tempStore } from "../support/temp-store.ts";
import { undoMigrationsAfter } from "../support/undo-migrations.ts";

const HOUR_SECONDS = 3_600;

let lastClientId = 0;

/** Posts as a user whom slow mode slows down. Returns the outcome. */
async function tryPost(store: Store, room: string, author: ActorRef): Promise<string> {
  const found = await store.rooms.find(room);
  if (found === undefined) throw new Error(`expected room ${room} to exist`);
  const { accessVersion, slowModeSeconds } = found;
  lastClientId += 1;
  const message = { room, accessVersion, author, clientId: `s${lastClientId}`, kind: "message", body: "hi" } as const;
  return (await store.messages.append({ ...message, slowModeSeconds })).outcome;
}

test("an upgrade keeps who has to wait, and who has posted with which client id", async () => {
  const file = await tempFile();
  const before = await openSqliteStore({ file });
  const [slow, other] = [await roomIn(before), await roomIn(before)];
  await before.rooms.change({ room: slow, changes: { slowModeSeconds: HOUR_SECONDS }, by: ALICE });
  for (const room of [slow, other]) await tryPost(before, room, ALICE);
  const repeated = {
    room: other,
    accessVersion: 1,
    author: BOB,
    clientId: "again",
    kind: "message",
    body: "hi",
  } as const;
  const first = await before.messages.append(repeated);
  await before.close();
  const raw = new DatabaseSync(file);
  raw.exec(`
    drop table slow_mode_post;
    ${undoMigrationsAfter(14).join(";")};
    drop index message_client;
    create unique index message_client on message (room, coalesce(author, ''), client_id);
    create index message_author on message (author, room, seq) where author is not null;
    update meta set value = '13' where key = 'schema'`);
  raw.close();
  expect((await migrate({ file })).from).toBe(13);
  const after = await tempStore({ file });
  expect(await tryPost(after, slow, ALICE)).toBe("slow");
  expect(await tryPost(after, slow, BOB)).toBe("appended");
  expect(await tryPost(after, other, ALICE)).toBe("appended");
  expect(await after.messages.append(repeated)).toMatchObject({
    outcome: "repeated",
    message: first.outcome === "appended" && { id: first.message.id },
  });
});
