import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { verifyAudit } from "../../../src/store/audit/verify-audit.ts";
import { connect } from "../../../src/store/sqlite/connection.ts";
import { SqliteDatabase } from "../../../src/store/sqlite/sqlite-database.ts";
import { openSqliteStore, type Database as Store } from "../../../src/store/sqlite/sqlite-store.ts";
import type { AuditSource } from "../../../src/store/store.ts";
import { childFor } from "../support/child-process.ts";
import { ALICE, tempFile, until } from "../support/temp-store.ts";

const BY: AuditSource = { actor: ALICE, address: "192.0.2.7", request: "req-7" };

const personOf = (id: string) => ({
  id,
  username: id,
  email: `${id}@example.org`,
  password: `hash of ${id}`,
  staff: false,
  superuser: false,
  passwordChangeRequired: false,
});

/** A session that the accounts library would have stored. */
function insertSession(raw: SqliteDatabase, id: string, user: string, expiresAt = "2999-01-01T00:00:00.000Z"): void {
  const at = "2026-01-01T00:00:00.000Z";
  raw
    .prepare("insert into session (id, userId, token, expiresAt, createdAt, updatedAt) values (?, ?, ?, ?, ?, ?)")
    .run(id, user, `hash of ${id}`, expiresAt, at, at);
}

/** Everything that the database contains. */
function dump(raw: SqliteDatabase): string {
  const tables = raw
    .prepare<[], { name: string }>(
      "select name from sqlite_master where type = 'table' and name not like 'message_search%'",
    )
    .all();
  return JSON.stringify(tables.map(({ name }) => [name, raw.prepare(`select * from "${name}"`).all()]));
}

let folder: string;

/** What a change is made to: an account with two sessions, one that is expired, and a room. */
interface Subject {
  readonly user: string;
  readonly session: string;
  readonly other: string;
  readonly room: string;
}

interface Change {
  readonly name: string;
  readonly action: string;
  /** @default the account */
  readonly target?: (subject: Subject) => string | null;
  readonly run: (subject: Subject) => Promise<unknown>;
}

let store: Store;
let raw: SqliteDatabase;

const CHANGES: readonly Change[] = [
  {
    name: "an account is created",
    action: "person.create",
    target: ({ user }) => `new-${user}`,
    run: ({ user }) => store.people.create({ ...personOf(`new-${user}`), by: BY }),
  },
  {
    name: "flags are changed",
    action: "person.change",
    run: ({ user }) => store.people.change({ id: user, changes: { staff: true }, by: BY }),
  },
  {
    name: "an account is renamed",
    action: "person.change",
    target: ({ user }) => `renamed-${user}`,
    run: ({ user }) => store.people.change({ id: user, changes: { username: `renamed-${user}` }, by: BY }),
  },
  {
    name: "an account is deactivated",
    action: "person.change",
    run: ({ user }) => store.people.change({ id: user, changes: { active: false }, by: BY }),
  },
  {
    name: "a password is set",
    action: "person.change",
    run: ({ user }) => store.people.change({ id: user, changes: { password: "another hash" }, by: BY }),
  },
  {
    name: "an own password is changed",
    action: "password.change",
    run: ({ user, session }) =>
      store.people.setPassword({ id: user, from: `hash of ${user}`, to: "x", keep: session, by: BY }),
  },
  {
    name: "a password is confirmed",
    action: "password.confirm",
    run: ({ user, session }) => store.people.confirmSession({ user, session, by: BY }),
  },
  {
    name: "a session is ended",
    action: "session.end",
    run: ({ user, session }) => store.people.endSession({ user, session, by: BY }),
  },
  {
    name: "a session is ended by a sign-out",
    action: "sign-out",
    run: ({ user, session }) => store.people.endSession({ user, session, by: { ...BY, action: "sign-out" } }),
  },
  {
    name: "other sessions are ended",
    action: "session.end-others",
    run: ({ user, session }) => store.people.endSessions({ user, keep: session, by: BY }),
  },
  {
    name: "a session is replaced by a sign-in",
    action: "session.end",
    run: ({ user, session, other }) =>
      store.people.replaceSession({ user, tokenHash: `hash of ${other}`, previous: session, by: BY }),
  },
  { name: "sessions expire", action: "session.expire", run: () => store.people.endExpiredSessions() },
  {
    name: "settings are changed",
    action: "settings.change",
    target: () => null,
    run: () => store.settings.update({ roomCreators: "everybody", by: BY }),
  },
  {
    name: "a room is created on the command line",
    action: "room.create",
    target: () => expect.any(String),
    run: () => store.rooms.create({ title: "Another", by: null, audit: BY }),
  },
  {
    name: "a room is changed on the command line",
    action: "room.change",
    target: ({ room }) => room,
    run: ({ room }) => store.rooms.change({ room, changes: { staffOnly: true }, by: null, audit: BY }),
  },
  {
    name: "a room is deleted",
    action: "room.delete",
    target: ({ room }) => room,
    run: ({ room }) => store.rooms.delete({ room, by: null, audit: BY }),
  },
];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "multichat-audited-"));
  const file = join(folder, "chat.db");
  store = await openSqliteStore({ file });
  raw = new SqliteDatabase(file);
  await store.people.create({ ...personOf("root"), superuser: true });
});
afterAll(async () => {
  raw?.close();
  await store?.close();
  await rm(folder, { recursive: true, force: true });
});

let subjects = 0;

async function createSubject(): Promise<Subject> {
  subjects += 1;
  const user = `user${subjects}`;
  await store.people.create(personOf(user));
  const { room } = await store.rooms.create({ title: `Room ${subjects}`, by: null });
  const [session, other] = [`session${subjects}`, `other${subjects}`];
  insertSession(raw, session, user);
  insertSession(raw, other, user);
  return { user, session, other, room: room.id };
}

const lastNumber = async (): Promise<number> => (await store.audit.read({ limit: 1 }))[0]?.n ?? 0;

describe("a change and its entry are one", () => {
  test.each(CHANGES)("when $name: one entry says so", async ({ action, target = ({ user }) => user, run }) => {
    const subject = await createSubject();
    if (action === "session.expire") insertSession(raw, "expired", subject.user, "2026-01-02T00:00:00.000Z");
    const n = await lastNumber();
    const notified: string[] = [];
    const stop = store.audit.onAppended((entry, { isOwn }) => notified.push(`${entry.n} ${entry.action} ${isOwn}`));
    await run(subject);
    expect(notified, "before the promise resolves").toEqual([`${n + 1} ${action} true`]);
    stop();
    const added = (await store.audit.read({ limit: 50 })).filter((entry) => entry.n > n);
    expect(added).toHaveLength(1);
    const by = action === "session.expire" ? { actor: null, address: null, request: null } : BY;
    expect(added[0]).toMatchObject({ ...by, action, outcome: "success", target: target(subject) });
    expect(JSON.stringify(added)).not.toContain("hash of");
  });

  const FAILURES = {
    "the entry cannot be written": "before insert on audit",
    "what follows the entry fails": "after insert on change when new.kind = 'audit'",
  };
  for (const [failure, event] of Object.entries(FAILURES)) {
    test.each(CHANGES)(`when $name and ${failure}: nothing is changed`, async ({ action, run }) => {
      const subject = await createSubject();
      if (action === "session.expire") insertSession(raw, `expired${event}`, subject.user, "2026-01-02T00:00:00.000Z");
      raw.exec(`create trigger injected ${event} begin select raise(abort, 'injected'); end`);
      const before = dump(raw);
      const notified: unknown[] = [];
      const stop = store.audit.onAppended((entry) => notified.push(entry));
      await expect(run(subject)).rejects.toThrow();
      expect(dump(raw)).toBe(before);
      expect(notified).toEqual([]);
      raw.exec("drop trigger injected");
      await run(subject);
      expect(notified).toHaveLength(1);
      stop();
    });
  }

  test("when others in the same transaction are refused, the chain has no gap", async () => {
    const { user } = await createSubject();
    const n = await lastNumber();
    await Promise.all([
      store.people.change({ id: user, changes: { staff: true }, by: BY }),
      store.people.create(personOf(user)),
      store.people.endSession({ user, session: "nothing" }),
      store.settings.update({ allMentioners: "staff", by: BY }),
    ]);
    const added = (await store.audit.read({ limit: 10 })).filter((entry) => entry.n > n);
    expect(added.map(({ action }) => action)).toEqual(["settings.change", "person.change"]);
    expect(await store.audit.verify({})).not.toHaveProperty("damage");
  });
});

test("what changes nothing leaves no entry", async () => {
  const { user, session } = await createSubject();
  const n = await lastNumber();
  await store.people.create({ ...personOf(user), id: "again", by: BY });
  await store.people.change({ id: "nobody", changes: { staff: true }, by: BY });
  await store.people.change({ id: "root", changes: { superuser: false }, by: BY });
  await store.people.setPassword({ id: user, from: "another hash", to: "x", keep: null, by: BY });
  await store.people.endSession({ user: "root", session, by: BY });
  await store.people.endExpiredSessions();
  await store.rooms.delete({ room: "nothing", by: null, audit: BY });
  expect(await lastNumber()).toBe(n);
});

test("kill -9 at any moment leaves no change without its entry and no entry without its change", async () => {
  const file = await tempFile();
  await (await openSqliteStore({ file })).close();
  for (let round = 1; round <= 3; round += 1) {
    const child = await childFor(file);
    let acknowledged = 0;
    let isRunning = true;
    const lane = async (lane: number): Promise<void> => {
      for (let i = 0; isRunning; i += 1) {
        const id = `p${round}-${lane}-${i}`;
        await child.call("people.create", { ...personOf(id), by: BY });
        // In one turn, so that they share transactions with other lanes, and a kill can come between any two.
        await Promise.all([
          child.call("people.change", { id, changes: { staff: i % 2 === 0 }, by: BY }),
          child.call("settings.update", { roomCreators: i % 2 === 0 ? "staff" : "everybody", by: BY }),
          child.call("people.change", { id, changes: { passwordChangeRequired: i % 3 === 0 }, by: BY }),
        ]);
        acknowledged += 1;
      }
    };
    // Each lane ends with the call that the kill has interrupted.
    const lanes = Array.from({ length: 8 }, (_, i) => lane(i).catch(() => {}));
    await until(() => acknowledged >= 30 * round);
    await child.kill();
    isRunning = false;
    await Promise.all(lanes);

    // The next opening of the file recovers it.
    const connection = connect({ file, readOnly: true, busyTimeoutMs: 1_000 });
    expect(await verifyAudit(connection, {})).not.toHaveProperty("damage");
    const { raw } = connection;
    const column = (sql: string) =>
      raw
        .prepare<[], { value: string }>(sql)
        .all()
        .map(({ value }) => value);
    const inEntries = column("select target as value from audit where action = 'person.create' order by target");
    expect(column("select displayUsername as value from user order by displayUsername")).toEqual(inEntries);
    expect(inEntries.length).toBeGreaterThanOrEqual(30 * round);
    const lastFlags = raw
      .prepare<[], { target: string; details: string; staff: number; required: number }>(
        `select a.target, a.details, u.staff, u.passwordChangeRequired as required from audit a
         join user u on u.displayUsername = a.target where a.action = 'person.change' order by a.n`,
      )
      .all();
    const staff = new Map<string, [recorded: boolean, stored: boolean]>();
    const required = new Map<string, [recorded: boolean, stored: boolean]>();
    for (const row of lastFlags) {
      const details = JSON.parse(row.details);
      if ("staff" in details) staff.set(row.target, [details.staff, row.staff === 1]);
      if ("passwordChangeRequired" in details) {
        required.set(row.target, [details.passwordChangeRequired, row.required === 1]);
      }
    }
    for (const flags of [staff, required]) {
      for (const [target, [recorded, stored]] of flags) expect([target, recorded]).toEqual([target, stored]);
    }
    // A flag that was not given at the creation has an entry of its own.
    for (const name of column("select displayUsername as value from user where staff = 1")) {
      expect(staff.get(name), name).toBeDefined();
    }
    const [setting = ""] = column("select value from setting where key = 'roomCreators'");
    const [entry = ""] = column(
      "select details as value from audit where action = 'settings.change' order by n desc limit 1",
    );
    expect(JSON.parse(entry).roomCreators).toBe(JSON.parse(setting));
    raw.close();
  }
});
