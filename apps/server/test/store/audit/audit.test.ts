import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hashRow } from "../../../src/store/audit/hash-chain.ts";
import { verifyAudit } from "../../../src/store/audit/verify-audit.ts";
import type { AuditRow } from "../../../src/store/database/tables.ts";
import { connect } from "../../../src/store/sqlite/connection.ts";
import type { SqliteDatabase } from "../../../src/store/sqlite/sqlite-database.ts";
import { openSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { NewAuditEntry } from "../../../src/store/store.ts";
import { openBeside } from "../support/raw-database.ts";
import { tempFile } from "../support/temp-store.ts";

const ENTRIES = 40;

const entryOf = (n: number): NewAuditEntry => ({
  action: n % 2 === 0 ? "sign-in" : "person.change",
  outcome: "success",
  actor: { id: `id-${n % 3}`, username: `user${n % 3}` },
  target: `target${n}`,
  address: "192.0.2.1",
  request: `req-${n}`,
  details: { staff: n % 2 === 0, n },
});

let folder: string;
/** The head of the log in `original.db`. */
let head: string | null;
let copies = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "multichat-audit-"));
  const store = await openSqliteStore({ file: join(folder, "original.db") });
  for (let n = 1; n <= ENTRIES; n += 1) await store.audit.append(entryOf(n));
  ({ head } = await store.audit.verify({}));
  await store.close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Copies a log, changes the copy as someone with access to the file would, and verifies it. */
async function verifyAfter(
  tamper: (raw: SqliteDatabase) => void,
  { expectedHead }: { expectedHead?: string | undefined } = {},
) {
  copies += 1;
  const file = join(folder, `${copies}.db`);
  await copyFile(join(folder, "original.db"), file);
  const connection = connect({ file, readOnly: false, busyTimeoutMs: 1_000 });
  try {
    connection.raw.exec("drop trigger audit_no_update; drop trigger audit_no_delete");
    tamper(connection.raw);
    return await verifyAudit(connection, { expectedHead });
  } finally {
    connection.raw.close();
  }
}

test("an audit log that nobody touched is whole, and continues after a restart", async () => {
  const file = await tempFile();
  for (const round of [1, 2, 3]) {
    const store = await openSqliteStore({ file });
    await Promise.all([1, 2, 3].map((n) => store.audit.append(entryOf(n))));
    expect(await store.audit.verify({})).toEqual({
      entries: round * 3,
      head: expect.stringMatching(/^\d+:[0-9a-f]{64}$/),
    });
    await store.close();
  }
});

test("entries cannot be changed or removed by SQL", async () => {
  const file = await tempFile();
  const store = await openSqliteStore({ file });
  await store.audit.append(entryOf(1));
  const raw = openBeside(file);
  for (const statement of ["update audit set action = 'x'", "delete from audit", "update audit set hash = hash"]) {
    expect(() => raw.exec(statement), statement).toThrow("append-only");
  }
  raw.close();
  await store.close();
});

describe("an audit log that someone with the file changed is damaged", () => {
  const EDITS = [
    "at = at + 1",
    "action = 'sign-out'",
    "outcome = 'failure'",
    "actor = 'someone'",
    "actor = null",
    "actor_name = 'alice'",
    "target = 'bob'",
    "target = null",
    "address = '198.51.100.1'",
    "request = 'req-0'",
    "details = '{}'",
    "details = details || ' '",
    "hash = upper(hash)",
    "n = 1000",
  ];
  test.each(EDITS)("at the edited entry: %s", async (edit) => {
    const { damage } = await verifyAfter((raw) => raw.exec(`update audit set ${edit} where n = 17`));
    expect(damage?.n).toBe(17);
  });

  test.each([1, 2, 17, 39, 40])("at the removed entry %i", async (n) => {
    expect((await verifyAfter((raw) => raw.exec(`delete from audit where n = ${n}`))).damage?.n).toBe(n);
  });

  test("at exchanged, repeated and inserted entries, and where removed ones were closed up", async () => {
    const exchange =
      "update audit set n = -1 where n = 5; update audit set n = 5 where n = 6; update audit set n = 6 where n = -1";
    expect((await verifyAfter((raw) => raw.exec(exchange))).damage?.n).toBe(5);
    const columns = "at, action, outcome, actor, actor_name, target, address, request, details, hash";
    const insert = `insert into audit (n, ${columns}) select 41, ${columns} from audit where n = 40`;
    expect((await verifyAfter((raw) => raw.exec(insert))).damage?.n).toBe(41);
    const closeUp = "delete from audit where n = 8; update audit set n = n - 1 where n > 8";
    expect((await verifyAfter((raw) => raw.exec(closeUp))).damage?.n).toBe(8);
  });

  test("where its last entries, or all, were removed", async () => {
    expect((await verifyAfter((raw) => raw.exec("delete from audit where n > 30"))).damage?.n).toBe(31);
    expect((await verifyAfter((raw) => raw.exec("delete from audit"))).damage?.n).toBe(1);
  });

  test("only for who noted the head elsewhere, where the stored head was replaced too", async () => {
    const truncate = (raw: SqliteDatabase) =>
      raw.exec(`
        delete from audit where n > 30;
        update meta set value = (select n || ':' || hash from audit order by n desc limit 1) where key = 'audit.head'`);
    expect((await verifyAfter(truncate)).damage, "what cannot be found").toBeUndefined();
    expect((await verifyAfter(truncate, { expectedHead: head ?? undefined })).damage?.n).toBe(31);
  });
});

describe("what was done to an entry is named", () => {
  const columns = "at, action, outcome, actor, actor_name, target, address, request, details, hash";
  const swap = (a: number, b: number) =>
    `update audit set n = -1 where n = ${a}; update audit set n = ${a} where n = ${b}; update audit set n = ${b} where n = -1`;
  const makeRoom = (n: number) =>
    `update audit set n = -n where n >= ${n}; update audit set n = 1 - n where n <= -${n}`;
  const KINDS: readonly (readonly [kind: string, damage: string, n: number, reason: RegExp])[] = [
    ...["action", "outcome", "actor", "actor_name", "target", "address", "request", "details"].flatMap((column) =>
      [1, 17, 39].map((n) => {
        const edit = `update audit set ${column} = 'x' where n = ${n}`;
        return [`changed ${column}`, edit, n, /content of the entry was changed/] as const;
      }),
    ),
    ["changed time", "update audit set at = at + 1 where n = 17", 17, /content of the entry was changed/],
    ...[1, 17, 39].map(
      (n) =>
        ["changed hash", `update audit set hash = 'ab' where n = ${n}`, n, /hash of the entry was changed/] as const,
    ),
    ["changed last entry", "update audit set target = 'x' where n = 40", 40, /last entry was changed/],
    ["changed hash of the last entry", "update audit set hash = 'ab' where n = 40", 40, /last entry was changed/],
    ...[1, 2, 17, 39].map(
      (n) => ["removed", `delete from audit where n = ${n}`, n, /^entry \d+ was removed$/] as const,
    ),
    ["several removed", "delete from audit where n between 10 and 19", 10, /^entries 10 to 19 were removed$/],
    ["the last one removed", "delete from audit where n = 40", 40, /^entry 40 was removed from the end/],
    ["the last ones removed", "delete from audit where n > 30", 31, /^entries 31 to 40 were removed from the end/],
    ["all removed", "delete from audit", 1, /^entries 1 to 40 were removed from the end/],
    ["neighbors swapped", swap(5, 6), 5, /moved or copied: it was entry 6/],
    ["distant ones swapped", swap(5, 20), 5, /moved or copied: it was entry 20/],
    [
      "inserted",
      `${makeRoom(12)}; insert into audit (n, ${columns}) values (12, 1, 'sign-in', 'success', null, null, null, null, null, '{}', 'ab')`,
      12,
      /an entry was inserted here/,
    ],
    [
      "removed and closed up",
      "delete from audit where n = 8; update audit set n = n - 1 where n > 8",
      8,
      /an entry was removed here, and the later ones renumbered/,
    ],
    [
      "three removed and closed up",
      "delete from audit where n in (8, 9, 10); update audit set n = n - 3 where n > 10",
      8,
      /3 entries were removed here, and the later ones renumbered/,
    ],
    [
      "a copy at the end",
      `insert into audit (n, ${columns}) select 41, ${columns} from audit where n = 40`,
      41,
      /last entry was changed, replaced or added/,
    ],
    ["the stored head removed", "delete from meta where key = 'audit.head'", 41, /stored head was removed/],
    [
      "the stored head changed",
      "update meta set value = '40:ab' where key = 'audit.head'",
      41,
      /stored head was changed/,
    ],
  ];
  test.each(KINDS)("%s: %s", async (_, statement, n, reason) => {
    const { damage } = await verifyAfter((raw) => raw.exec(statement));
    expect(damage).toEqual({ n, reason: expect.stringMatching(reason) });
  });

  test("a last entry that was rebuilt with its hash: by the stored head", async () => {
    const { damage } = await verifyAfter((raw) => {
      const row = raw.prepare<[], AuditRow>("select * from audit where n = 40").get();
      const previous = raw.prepare<[], AuditRow>("select * from audit where n = 39").get();
      if (row === undefined || previous === undefined) throw new Error("expected two entries");
      const hash = hashRow(previous.hash, { ...row, target: "someone else" });
      raw.prepare("update audit set target = 'someone else', hash = ? where n = 40").run(hash);
    });
    expect(damage).toEqual({ n: 41, reason: expect.stringMatching(/last entry was replaced/) });
  });
});

test("a log of several pages is checked to its end, and damage between two pages is named", async () => {
  const file = await tempFile();
  const store = await openSqliteStore({ file });
  await Promise.all(Array.from({ length: 2_100 }, (_, n) => store.audit.append(entryOf(n + 1))));
  expect(await store.audit.verify({})).toMatchObject({ entries: 2_100 });
  await store.close();
  const connection = connect({ file, readOnly: false, busyTimeoutMs: 1_000 });
  connection.raw.exec("drop trigger audit_no_update");
  for (const n of [1_000, 1_001, 2_000]) {
    connection.raw.exec(`update audit set target = target || '!' where n = ${n}`);
    const { damage } = await verifyAudit(connection, {});
    expect(damage).toEqual({ n, reason: expect.stringMatching(/content of the entry/) });
    connection.raw.exec(`update audit set target = rtrim(target, '!') where n = ${n}`);
  }
  connection.raw.close();
});

test("an entry whose details were made unreadable is read all the same", async () => {
  const file = await tempFile();
  const store = await openSqliteStore({ file });
  await store.audit.append(entryOf(1));
  const raw = openBeside(file);
  raw.exec("drop trigger audit_no_update; update audit set details = 'no JSON'");
  raw.close();
  expect(await store.audit.read({ limit: 1 })).toMatchObject([{ n: 1, details: { unreadable: true } }]);
  await store.close();
});

test("is read newest first, by actor, action, outcome, target, time and page", async () => {
  const store = await openSqliteStore({ file: await tempFile() });
  for (let n = 1; n <= 10; n += 1) await store.audit.append(entryOf(n));
  const numbers = async (query: object) => (await store.audit.read({ limit: 50, ...query })).map(({ n }) => n);
  expect(await numbers({ limit: 3 })).toEqual([10, 9, 8]);
  expect(await numbers({ before: 3 })).toEqual([2, 1]);
  expect(await numbers({ actor: "user1" })).toEqual([10, 7, 4, 1]);
  expect(await numbers({ actor: "id-1", action: "sign-in" })).toEqual([10, 4]);
  expect(await numbers({ until: 1 })).toEqual([]);
  expect(await numbers({ target: "target7" })).toEqual([7]);
  expect(await numbers({ outcome: "failure" })).toEqual([]);
  expect(await numbers({ outcome: "success", action: "sign-in", limit: 2 })).toEqual([10, 8]);
  const [{ at = 0 } = {}] = await store.audit.read({ limit: 1 });
  expect(await numbers({ since: at, limit: 1 })).toEqual([10]);
  expect(await numbers({ since: at + 1 })).toEqual([]);
  await store.close();
});
