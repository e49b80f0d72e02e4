import { copyFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { openSqliteStore } from "../../../../apps/server/src/store/sqlite/sqlite-store.ts";
import type { ChatStore, MessageRef } from "../../../../apps/server/src/store/store.ts";
import type { Random } from "../../clients/random.ts";
import { AUTHOR, OTHER } from "./use-database.ts";

const MESSAGES = 400;
/** A body of this length does not fit on a page, and continues on overflow pages. */
const LONG_CHARS = 9_000;
const WORDS = "the quick brown fox jumps over a lazy dog while seven wizards mix potions".split(" ");

/** A database with every kind of page, and what SQLite says of its pages. */
export interface IntactDatabase {
  readonly file: string;
  /** Also has changes in the write-ahead log alone; its log is the file beside it. */
  readonly logged: string;
  readonly pages: readonly Page[];
}

export interface Page {
  /** Counted from 1. */
  readonly number: number;
  /** Of what table or index, such as `message`, and of what kind; `free` for those in no tree. */
  readonly kind: string;
}

/** Creates the database. @param path of the file to create, whose name others are derived from */
export async function createIntactDatabase(path: string, random: Random): Promise<IntactDatabase> {
  const store = await openSqliteStore({ file: path });
  await fill(store, random);
  // Pages that nothing uses any more.
  while (await store.search.hasUnindexed()) await new Promise((resolve) => setTimeout(resolve, 10));
  await store.close();
  const raw = new DatabaseSync(path);
  raw.exec("create table dropped (text); insert into dropped values (zeroblob(200000)); drop table dropped");
  raw.exec("pragma wal_checkpoint(truncate)");
  const pages = readPages(raw);
  raw.close();
  const logged = `${path}.logged`;
  await copyWithLog(path, logged);
  return { file: path, logged, pages };
}

async function fill(store: ChatStore, random: Random): Promise<void> {
  for (const { id, username } of [AUTHOR, OTHER]) {
    const email = `${id}@example.org`;
    const flags = { staff: false, superuser: false, passwordChangeRequired: false };
    await store.people.create({ id, username, email, password: "no hash", ...flags });
  }
  const { room } = await store.rooms.create({ title: "General", by: AUTHOR });
  await store.members.add({ room: room.id, user: OTHER, role: "member", by: AUTHOR });
  const post = (index: number) =>
    store.messages.append({
      room: room.id,
      accessVersion: room.accessVersion,
      author: random.pick([AUTHOR, OTHER]),
      clientId: `intact-${index}`,
      kind: "message",
      body: bodyOf(index, random),
    });
  await Promise.all(Array.from({ length: MESSAGES }, (_, index) => post(index)));
  const { messages } = await store.messages.readHistory({ room: room.id, limit: 100 });
  for (const message of messages) {
    const ref = await refTo(store, message);
    switch (message.seq % 5) {
      case 0:
        await store.messages.edit({ ref, body: bodyOf(message.seq, random), canMentionAll: false, by: AUTHOR });
        break;
      case 1:
        await store.messages.setReaction({ ref, emoji: "👍", present: true, by: OTHER });
        break;
      case 2:
        await store.messages.delete({ ref, by: AUTHOR });
        break;
      case 3:
        await store.messages.setPinned({ ref, pinned: true, by: AUTHOR });
        break;
      default:
    }
  }
}

async function refTo(store: ChatStore, message: { readonly room: string; readonly id: string }): Promise<MessageRef> {
  const room = await store.rooms.find(message.room);
  return { room: message.room, accessVersion: room?.accessVersion ?? 0, message: message.id };
}

function bodyOf(index: number, random: Random): string {
  const text = Array.from({ length: 12 }, () => random.pick(WORDS)).join(" ");
  return index % 7 === 0 ? `${text} `.repeat(LONG_CHARS / text.length) : `${text} number n${index}`;
}

/** Which table each page belongs to; SQLite walks its trees for that. */
function readPages(raw: DatabaseSync): readonly Page[] {
  const { page_count: count } = raw.prepare("pragma page_count").get() as { page_count: number };
  const rows = raw.prepare("select pageno as number, name || ' ' || pagetype as kind from dbstat").all();
  // The columns are those of the statement.
  const kinds = new Map((rows as unknown as Page[]).map(({ number, kind }) => [number, kind]));
  return Array.from({ length: count }, (_, index) => ({ number: index + 1, kind: kinds.get(index + 1) ?? "free" }));
}

/** Copies a database with a log of changes that are not in the file yet, as a process that was killed leaves it. */
async function copyWithLog(file: string, to: string): Promise<void> {
  await copyFile(file, `${file}.before`);
  const raw = new DatabaseSync(`${file}.before`);
  raw.exec("pragma journal_mode = WAL; pragma wal_autocheckpoint = 0; update message set body = body || ' logged'");
  await copyFile(`${file}.before`, to);
  await copyFile(`${file}.before-wal`, `${to}-wal`);
  raw.close();
}
