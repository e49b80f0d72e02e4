import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AuditSource, ChatStore } from "../../../src/store/store.ts";
import { ALICE } from "../support/temp-store.ts";
import { testDatabase } from "../support/test-database.ts";

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

const database = testDatabase();
let store: ChatStore;
let place: string;

/** A session that the accounts library would have stored. */
async function insertSession(id: string, user: string, expiresAt = "2999-01-01T00:00:00.000Z"): Promise<void> {
  const at = "2026-01-01T00:00:00.000Z";
  await database.execute(
    place,
    `insert into session (id, "userId", token, "expiresAt", "createdAt", "updatedAt")
     values ('${id}', '${user}', 'hash of ${id}', '${expiresAt}', '${at}', '${at}')`,
  );
}

/** Everything that the database contains. */
async function dump(): Promise<string> {
  const tables = await database.tables(place);
  const rows = await Promise.all(tables.map((name) => database.execute(place, `select * from "${name}"`)));
  return JSON.stringify(tables.map((name, index) => [name, rows[index]]));
}

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
  place = await database.create();
  store = await database.open(place);
  await store.people.create({ ...personOf("root"), superuser: true });
});
afterAll(async () => {
  await store?.close();
  await database.remove(place);
});

let subjects = 0;

async function createSubject(): Promise<Subject> {
  subjects += 1;
  const user = `user${subjects}`;
  await store.people.create(personOf(user));
  const { room } = await store.rooms.create({ title: `Room ${subjects}`, by: null });
  const [session, other] = [`session${subjects}`, `other${subjects}`];
  await insertSession(session, user);
  await insertSession(other, user);
  return { user, session, other, room: room.id };
}

const lastNumber = async (): Promise<number> => (await store.audit.read({ limit: 1 }))[0]?.n ?? 0;

describe("a change and its entry are one", () => {
  test.each(CHANGES)("when $name: one entry says so", async ({ action, target = ({ user }) => user, run }) => {
    const subject = await createSubject();
    if (action === "session.expire") await insertSession("expired", subject.user, "2026-01-02T00:00:00.000Z");
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
    "the entry cannot be written": { table: "audit" },
    "what follows the entry fails": { table: "change", where: "new.kind = 'audit'" },
  };
  for (const [failure, insert] of Object.entries(FAILURES)) {
    test.each(CHANGES)(`when $name and ${failure}: nothing is changed`, async ({ action, run }) => {
      const subject = await createSubject();
      if (action === "session.expire") {
        await insertSession(`expired in ${insert.table}`, subject.user, "2026-01-02T00:00:00.000Z");
      }
      const repair = await database.failInserts(place, insert);
      const before = await dump();
      const notified: unknown[] = [];
      const stop = store.audit.onAppended((entry) => notified.push(entry));
      await expect(run(subject)).rejects.toThrow();
      expect(await dump()).toBe(before);
      expect(notified).toEqual([]);
      await repair();
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
