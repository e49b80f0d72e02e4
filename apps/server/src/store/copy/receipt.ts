import { createHash, type Hash } from "node:crypto";
import type { Kysely } from "kysely";
import type { Tables } from "../database/tables.ts";
import { COPIED_TABLES } from "./copied-tables.ts";
import { type Row, readPages } from "./read-rows.ts";

/** Rows, and the SHA-256 of all of them in the order of their key. Equal for the same rows on both databases. */
export interface Digest {
  readonly rows: number;
  readonly sha256: string;
}

/** What a database holds of a chat. */
export interface Receipt {
  readonly tables: Readonly<Record<string, Digest>>;
  /** By the id of the room. */
  readonly rooms: Readonly<Record<string, { readonly messages: Digest; readonly events: Digest }>>;
}

/** Reads everything. @param onTable called before each table is read. */
export async function makeReceipt(db: Kysely<Tables>, onTable: (table: string) => void = () => {}): Promise<Receipt> {
  const tables: Record<string, Digest> = {};
  for (const { name, key } of COPIED_TABLES) {
    onTable(name);
    const digest = new RunningDigest();
    for await (const rows of readPages(db, { table: name, key })) digest.add(rows);
    tables[name] = digest.end();
  }
  const rooms: Record<string, { messages: Digest; events: Digest }> = {};
  const empty = new RunningDigest().end();
  const roomOf = (room: string) => {
    rooms[room] ??= { messages: empty, events: empty };
    return rooms[room];
  };
  onTable("the messages of each room");
  for await (const [room, digest] of digestRooms(db, "message")) roomOf(room).messages = digest;
  onTable("the events of each room");
  for await (const [room, digest] of digestRooms(db, "event")) roomOf(room).events = digest;
  return { tables, rooms };
}

/** Returns what differs, such as `table message` or `room 0198…: events`. */
export function compareReceipts(a: Receipt, b: Receipt): readonly string[] {
  const tables = namesIn(a.tables, b.tables).filter((name) => !isEqual(a.tables[name], b.tables[name]));
  const rooms = namesIn(a.rooms, b.rooms).flatMap((room) =>
    (["messages", "events"] as const)
      .filter((kind) => !isEqual(a.rooms[room]?.[kind], b.rooms[room]?.[kind]))
      .map((kind) => `room ${room}: ${kind}`),
  );
  return [...tables.map((name) => `table ${name}`), ...rooms];
}

async function* digestRooms(db: Kysely<Tables>, table: "message" | "event"): AsyncGenerator<[string, Digest]> {
  let room: string | undefined;
  let digest = new RunningDigest();
  for await (const rows of readPages(db, { table, key: ["room", "seq"] })) {
    for (const row of rows) {
      if (row.room !== room) {
        if (room !== undefined) yield [room, digest.end()];
        digest = new RunningDigest();
        room = String(row.room);
      }
      digest.add([row]);
    }
  }
  if (room !== undefined) yield [room, digest.end()];
}

class RunningDigest {
  readonly #hash: Hash = createHash("sha256");
  #rows = 0;

  add(rows: readonly Row[]): void {
    this.#rows += rows.length;
    // The columns have another order where a later migration has added some.
    for (const row of rows) this.#hash.update(`${JSON.stringify(Object.entries(row).sort(byName))}\n`);
  }

  end(): Digest {
    return { rows: this.#rows, sha256: this.#hash.digest("hex") };
  }
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function namesIn(a: object, b: object): readonly string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])];
}

function isEqual(a: Digest | undefined, b: Digest | undefined): boolean {
  return a?.rows === b?.rows && a?.sha256 === b?.sha256;
}
