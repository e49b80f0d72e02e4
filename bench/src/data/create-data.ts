import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findMentionCandidates } from "@multichat/protocol/markup";
import { type Database, migrate, openSqliteStore } from "../../../apps/server/src/store/sqlite/sqlite-store.ts";
import type { StoredRoom } from "../../../apps/server/src/store/store.ts";
import { Random } from "../clients/random.ts";
import { createUsersAndRooms, credentialsOf } from "../multichat/users.ts";
import { type DataPlan, folderOf, MEMBER_OF_ALL, MEMBER_OF_NONE, openRoomsOf } from "./plan.ts";
import { roomOrder, roomSizes } from "./room-sizes.ts";
import { textOf } from "./texts.ts";

/** Calls to the store that are under way at once. */
const AT_ONCE = 1_000;
const MEMBERS_OF_A_PRIVATE_ROOM = 6;
const REPLY_SHARE = 0.03;
const REACTION_SHARE = 0.02;
const EDIT_SHARE = 0.005;
const DELETION_SHARE = 0.002;
const EMOJI = ["👍", "🎉", "❤️", "😀", "👀"];
const REPORT_INTERVAL_MS = 2_000;

interface Author {
  readonly id: string;
  readonly username: string;
}

/**
 * Creates the database of a plan, unless it is there: accounts by `multichat loaddata`, everything else by the operations of the
 * store, the index of the search included.
 *
 * @returns the folder, which is the DATA_DIR of a server
 */
export async function createData(plan: DataPlan, report: (line: string) => void): Promise<string> {
  const folder = folderOf(plan);
  const created = join(folder, "data");
  if (existsSync(join(created, "multichat.db"))) {
    // It may be of an earlier version.
    await migrate({ file: join(created, "multichat.db") });
    return created;
  }
  const part = `${folder}.part`;
  await rm(part, { recursive: true, force: true });
  const dataDir = join(part, "data");
  await mkdir(dataDir, { recursive: true });
  report(`${plan.users} accounts …`);
  await createUsersAndRooms({ dataDir, port: 0 }, plan.users, 0);
  const file = join(dataDir, "multichat.db");
  const store = await openSqliteStore({ file, isShared: false });
  try {
    await new DataWriter(store, plan, report).write();
  } finally {
    await store.close();
  }
  let reportedAt = performance.now();
  await migrate({ file }, (remaining) => {
    if (performance.now() - reportedAt < REPORT_INTERVAL_MS) return;
    reportedAt = performance.now();
    report(`${remaining.toLocaleString("en")} messages to be indexed …`);
  });
  await writeFile(join(part, "plan.json"), `${JSON.stringify(plan, undefined, 2)}\n`);
  await rename(part, folder);
  return created;
}

/** Fills an empty database. */
class DataWriter {
  readonly #store: Database;
  readonly #plan: DataPlan;
  readonly #report: (line: string) => void;
  readonly #random: Random;
  /** Of each room, some messages that can be replied to and changed. */
  readonly #recent: { readonly room: string; readonly id: string; readonly author: Author }[][] = [];

  constructor(store: Database, plan: DataPlan, report: (line: string) => void) {
    this.#store = store;
    this.#plan = plan;
    this.#report = report;
    this.#random = new Random(plan.seed);
  }

  async write(): Promise<void> {
    const authors = await this.#findAuthors();
    const rooms = await this.#createRooms(authors);
    await this.#post(rooms, authors);
    await this.#change(rooms, authors);
  }

  async #findAuthors(): Promise<readonly Author[]> {
    const people = await this.#store.people.list();
    const ids = new Map(people.map(({ id, username }) => [username, id]));
    return Array.from({ length: this.#plan.users }, (_, index) => {
      const { username } = credentialsOf(index);
      return { id: ids.get(username) ?? "", username };
    });
  }

  async #createRooms(authors: readonly Author[]): Promise<readonly StoredRoom[]> {
    const open = openRoomsOf(this.#plan);
    const [everywhere] = authors.slice(MEMBER_OF_ALL);
    const others = authors.filter((_, index) => index !== MEMBER_OF_ALL && index !== MEMBER_OF_NONE);
    const rooms: StoredRoom[] = [];
    for (let index = 0; index < this.#plan.rooms; index += 1) {
      const isPrivate = index >= open;
      const by = everywhere ?? null;
      const { room } = await this.#store.rooms.create({ title: `Room ${index + 1}`, private: isPrivate, by });
      if (isPrivate) {
        const users = this.#random.sample(others, MEMBERS_OF_A_PRIVATE_ROOM);
        await Promise.all(users.map((user) => this.#store.members.add({ room: room.id, user, role: "member", by })));
      }
      rooms.push(room);
      this.#recent.push([]);
    }
    this.#report(`${rooms.length.toLocaleString("en")} rooms, ${open.toLocaleString("en")} of them open`);
    return Promise.all(rooms.map(async ({ id }) => (await this.#store.rooms.find(id)) ?? fail(`room ${id} to exist`)));
  }

  async #post(rooms: readonly StoredRoom[], authors: readonly Author[]): Promise<void> {
    const order = roomOrder(roomSizes(this.#plan), this.#random.fork(1));
    const random = this.#random.fork(2);
    const writers = rooms.map(({ members }) =>
      members === null ? authors : authors.filter(({ id }) => members.has(id)),
    );
    const tenth = Math.max(1, Math.floor(order.length / 10));
    const rates: number[] = [];
    let since = performance.now();
    let posted = 0;
    await this.#forEach(order.length, async (index) => {
      const place = order[index] ?? 0;
      const room = rooms[place] ?? fail("a room");
      const author = random.pick(writers[place] ?? []);
      const body = textOf(random, this.#plan.users);
      const recent = this.#recent[place] ?? [];
      // Drawn for every message, so that the texts do not depend on which messages are acknowledged by now.
      const [isReply, quoted] = [random.chance(REPLY_SHARE), random.next()];
      const replyTo = isReply ? recent[Math.floor(quoted * recent.length)]?.id : undefined;
      const appended = await this.#store.messages.append({
        room: room.id,
        accessVersion: room.accessVersion,
        author,
        clientId: clientIdOf(index),
        kind: "message",
        body,
        mentionCandidates: findMentionCandidates(body),
        replyTo,
      });
      if (appended.outcome !== "appended") fail(`message ${index} to be appended, got ${appended.outcome}`);
      if (recent.length < 50) recent.push({ room: room.id, id: appended.message.id, author });
      posted += 1;
      if (posted % tenth !== 0) return;
      rates.push((tenth / (performance.now() - since)) * 1_000);
      since = performance.now();
      const rate = Math.round(rates.at(-1) ?? 0).toLocaleString("en");
      this.#report(`${posted.toLocaleString("en")} of ${order.length.toLocaleString("en")} messages, ${rate}/s`);
    });
  }

  /** Reactions, edits and deletions, as shares of the messages. */
  async #change(rooms: readonly StoredRoom[], authors: readonly Author[]): Promise<void> {
    const random = this.#random.fork(3);
    const changes = Math.floor(this.#plan.messages * (REACTION_SHARE + EDIT_SHARE + DELETION_SHARE));
    await this.#forEach(changes, async (index) => {
      const place = random.integerBelow(rooms.length);
      const recent = this.#recent[place] ?? [];
      if (recent.length === 0) return;
      const { room, id, author } = random.pick(recent);
      const ref = { room, message: id, accessVersion: rooms[place]?.accessVersion ?? 0 };
      const { messages } = this.#store;
      const kind = index / changes;
      const share = REACTION_SHARE / (REACTION_SHARE + EDIT_SHARE + DELETION_SHARE);
      if (kind < share)
        await messages.setReaction({ ref, emoji: random.pick(EMOJI), present: true, by: random.pick(authors) });
      else if (random.chance(EDIT_SHARE / (EDIT_SHARE + DELETION_SHARE))) {
        const body = textOf(random, this.#plan.users);
        await messages.edit({
          ref,
          body,
          mentionCandidates: findMentionCandidates(body),
          canMentionAll: false,
          by: author,
        });
      } else await messages.delete({ ref, by: author });
    });
    this.#report(`${changes.toLocaleString("en")} reactions, edits and deletions`);
  }

  async #forEach(count: number, work: (index: number) => Promise<void>): Promise<void> {
    let next = 0;
    const lane = async (): Promise<void> => {
      for (let index = next++; index < count; index = next++) await work(index);
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, lane));
  }
}

/** Returns a client id with the shape of the SDK's, which are UUIDs that begin with the time. */
function clientIdOf(index: number): string {
  const serial = index.toString(16).padStart(12, "0");
  return `0190${serial.slice(0, 4)}-${serial.slice(4, 8)}-7${serial.slice(8, 11)}-8${serial.slice(11)}00-000000000000`;
}

function fail(expected: string): never {
  throw new Error(`Expected ${expected}.`);
}
