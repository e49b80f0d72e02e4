import { randomBytes, randomUUID } from "node:crypto";
import { DatabaseSync } from "node:sqlite";
import { hashSessionToken } from "../../../apps/server/src/store/people/session-token.ts";
import { openSqliteStore } from "../../../apps/server/src/store/sqlite/sqlite-store.ts";

/** Accounts that are stored at the same time: they share a commit. */
const AT_ONCE = 500;
const SESSION_MS = 30 * 24 * 3_600_000;
/** The hash of no password: nobody signs in, because every account has a session already. */
const NO_PASSWORD = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/**
 * Creates accounts that are signed in, and rooms, in a new database: by the store, because hashing a password takes 25 ms.
 *
 * @returns a bearer token for each account
 */
export async function createSignedInAccounts(
  file: string,
  accounts: number,
  rooms: number,
): Promise<readonly string[]> {
  const store = await openSqliteStore({ file });
  const ids: string[] = [];
  try {
    for (let room = 1; room <= rooms; room += 1) await store.rooms.create({ title: `Room ${room}`, by: null });
    for (let from = 0; from < accounts; from += AT_ONCE) {
      const count = Math.min(AT_ONCE, accounts - from);
      const created = Array.from({ length: count }, (_, index) => createAccount(store.people, from + index));
      ids.push(...(await Promise.all(created)));
    }
  } finally {
    await store.close();
  }
  return createSessions(file, ids);
}

type People = Pick<Awaited<ReturnType<typeof openSqliteStore>>["people"], "create">;

async function createAccount(people: People, index: number): Promise<string> {
  const id = randomUUID();
  const created = await people.create({
    id,
    username: `user${index}`,
    email: `${id}@nobody.invalid`,
    password: NO_PASSWORD,
    staff: false,
    superuser: false,
    passwordChangeRequired: false,
  });
  if (typeof created === "string") throw new Error(`Expected to create user${index}, got "${created}".`);
  return id;
}

/** Stores the sessions that the accounts library would store at sign-in. */
function createSessions(file: string, users: readonly string[]): readonly string[] {
  const database = new DatabaseSync(file);
  try {
    const insert = database.prepare(
      "insert into session (id, userId, token, expiresAt, createdAt, updatedAt) values (?, ?, ?, ?, ?, ?)",
    );
    const now = new Date().toISOString();
    const expiresAt = new Date(Date.now() + SESSION_MS).toISOString();
    database.exec("begin");
    const tokens = users.map((user) => {
      const token = randomBytes(16).toString("hex");
      insert.run(randomUUID(), user, hashSessionToken(token), expiresAt, now, now);
      return token;
    });
    database.exec("commit");
    return tokens;
  } finally {
    database.close();
  }
}
