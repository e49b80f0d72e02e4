import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { NewAuditEntry } from "../../src/store/store.ts";
import { tempFile } from "./temp-store.ts";

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

/** Writes a log, changes its file as someone with access to it would, and verifies it. */
async function verifyAfter(tamper: (raw: DatabaseSync) => void, expect?: "head") {
  const file = await tempFile();
  const store = await openSqliteStore({ file });
  for (let n = 1; n <= ENTRIES; n += 1) await store.audit.append(entryOf(n));
  const { head } = await store.audit.verify({});
  await store.close();
  const raw = new DatabaseSync(file);
  raw.exec("drop trigger audit_no_update; drop trigger audit_no_delete");
  tamper(raw);
  raw.close();
  const again = await openSqliteStore({ file });
  const result = await again.audit.verify({ expectedHead: expect === "head" ? (head ?? undefined) : undefined });
  await again.close();
  return result;
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
  const raw = new DatabaseSync(file);
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
    const truncate = (raw: DatabaseSync) =>
      raw.exec(`
        delete from audit where n > 30;
        update meta set value = (select n || ':' || hash from audit order by n desc limit 1) where key = 'audit.head'`);
    expect((await verifyAfter(truncate)).damage, "what cannot be found").toBeUndefined();
    expect((await verifyAfter(truncate, "head")).damage?.n).toBe(31);
  });
});

test("is read newest first, by actor, action, time and page", async () => {
  const store = await openSqliteStore({ file: await tempFile() });
  for (let n = 1; n <= 10; n += 1) await store.audit.append(entryOf(n));
  const numbers = async (query: object) => (await store.audit.read({ limit: 50, ...query })).map(({ n }) => n);
  expect(await numbers({ limit: 3 })).toEqual([10, 9, 8]);
  expect(await numbers({ before: 3 })).toEqual([2, 1]);
  expect(await numbers({ actor: "user1" })).toEqual([10, 7, 4, 1]);
  expect(await numbers({ actor: "id-1", action: "sign-in" })).toEqual([10, 4]);
  expect(await numbers({ until: 1 })).toEqual([]);
  await store.close();
});
