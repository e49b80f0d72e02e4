import { expect, test } from "vitest";
import { AccountDirectory } from "../../src/accounts/account-directory.ts";
import type { Account } from "../../src/accounts/accounts.ts";

const account = (id: string): Account => ({
  id,
  username: `name of ${id}`,
  email: null,
  staff: false,
  superuser: false,
  active: true,
  passwordChangeRequired: false,
  createdAt: 0,
});

/** A database whose answers the test releases. */
function database() {
  const waiting = new Map<string, PromiseWithResolvers<Account | undefined>>();
  let reads = 0;
  return {
    find: (id: string) => {
      reads += 1;
      const answer = Promise.withResolvers<Account | undefined>();
      waiting.set(id, answer);
      return answer.promise;
    },
    answer: (id: string, found: Account | undefined = account(id)) => waiting.get(id)?.resolve(found),
    fail: (id: string) => waiting.get(id)?.reject(new Error("the database is unavailable")),
    get reads() {
      return reads;
    },
  };
}

test.each([1, 2, 10, 100, 1_000])(
  "at most %i look-ups wait for the database, one more finds nothing",
  async (maxPending) => {
    const db = database();
    const directory = new AccountDirectory(db.find, { maxPending });
    const waiting = Array.from({ length: maxPending }, (_, i) => directory.find(`id${i}`));
    expect(await directory.find("one more")).toBeUndefined();
    expect(db.reads).toBe(maxPending);
    // Asking again for one that is being looked up is no further look-up.
    const again = directory.find("id0");
    for (let i = 0; i < maxPending; i += 1) db.answer(`id${i}`);
    expect((await Promise.all(waiting)).map((found) => found?.id)).toEqual(waiting.map((_, i) => `id${i}`));
    expect((await again)?.id).toBe("id0");
    const later = directory.find("one more");
    db.answer("one more");
    expect((await later)?.id, "there is a place again, and the refusal was not remembered").toBe("one more");
  },
);

test("failed look-ups free their places and are not remembered", async () => {
  const db = database();
  const directory = new AccountDirectory(db.find, { maxPending: 2 });
  for (let round = 0; round < 5; round += 1) {
    const failing = [directory.find("a"), directory.find("b")];
    db.fail("a");
    db.fail("b");
    for (const found of failing) await expect(found).rejects.toThrow("the database is unavailable");
  }
  expect(db.reads).toBe(10);
});

test.each([1, 3, 50])(
  "remembers at most %i accounts and unknown ids, and forgets the least recently used",
  async (maxEntries) => {
    const db = database();
    const directory = new AccountDirectory(db.find, { maxEntries });
    const find = (id: string) => {
      const found = directory.find(id);
      db.answer(id, id.startsWith("unknown") ? undefined : account(id));
      return found;
    };
    for (let i = 0; i < maxEntries; i += 1) await find(i % 2 === 0 ? `id${i}` : `unknown${i}`);
    for (let i = 0; i < maxEntries; i += 1) await find(i % 2 === 0 ? `id${i}` : `unknown${i}`);
    expect(db.reads).toBe(maxEntries);
    await find("another");
    await find("id0");
    expect(db.reads, "the first one was forgotten").toBe(maxEntries + 2);
  },
);

test("an account that changed is read again, and another account's answer is not believed", async () => {
  const db = database();
  const directory = new AccountDirectory(db.find);
  const first = directory.find("a");
  db.answer("a");
  await first;
  directory.forget("a");
  const second = directory.find("a");
  db.answer("a", account("b"));
  expect(await second).toBeUndefined();
});
