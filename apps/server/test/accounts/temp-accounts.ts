import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LIMITS } from "@multichat/protocol";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import type { Account, Accounts, NewAccount } from "../../src/accounts/accounts.ts";
import { openAccounts } from "../../src/accounts/open-accounts.ts";
import { type Database, openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";

export const PASSWORD = "correct horse battery";

export interface House {
  readonly file: string;
  readonly store: Database;
  readonly accounts: Accounts;
  /** Messages of errors that the accounts logged. */
  readonly logged: readonly string[];
}

/** @param publicUrl @default none: the cookie is sent over plain HTTP */
export async function openHouse(file: string, publicUrl: string | null = null): Promise<House> {
  const store = await openSqliteStore({ file, pollIntervalMs: 20 });
  const logged: string[] = [];
  const accounts = await openAccounts({
    store: store.people,
    config: { publicUrl, limits: LIMITS },
    logger: { error: ({ err }: { err?: unknown }) => logged.push(String(err)) },
  });
  return { file, store, accounts, logged };
}

async function closeHouse({ accounts, store }: House): Promise<void> {
  await accounts.close();
  await store.close();
}

/** One house for all tests of a file: for tests that keep to people of their own. */
export function sharedHouse(): () => House {
  let house: House | undefined;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "multichat-accounts-"));
    house = await openHouse(join(folder, "chat.db"));
  });
  afterAll(async () => {
    if (house !== undefined) await closeHouse(house);
    await rm(folder, { recursive: true, force: true });
  });
  return () => {
    if (house === undefined) throw new Error("the house is open only while tests run");
    return house;
  };
}

/** A house that is closed and gone after the test. */
export async function tempHouse(publicUrl: string | null = null): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), "multichat-accounts-"));
  const house = await openHouse(join(folder, "chat.db"), publicUrl);
  onTestFinished(async () => {
    await closeHouse(house);
    await rm(folder, { recursive: true, force: true });
  });
  return house;
}

/** A second process's view of the same database, as far as the accounts can tell. */
export async function neighbour({ file }: House): Promise<House> {
  const house = await openHouse(file);
  onTestFinished(() => closeHouse(house));
  return house;
}

let people = 0;

/** Somebody new, with a name that nobody has. */
export async function somebody({ accounts }: House, more: Partial<NewAccount> = {}): Promise<Account> {
  people += 1;
  const created = await accounts.create({ username: `person${people}`, password: PASSWORD, ...more });
  if (typeof created === "string") throw new Error(`expected an account, got ${created}`);
  return created;
}

export function ask(
  { accounts }: House,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  method = "POST",
): Promise<Response> {
  return accounts.handle(
    new Request(`http://chat.example/api/auth/${path}`, {
      method,
      headers: { "content-type": "application/json", ...headers },
      ...(method === "GET" ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    }),
  );
}

export interface SignedIn {
  /** As the browser sends it back. */
  readonly cookie: string;
  readonly token: string;
}

export async function signIn(house: House, username: string, password = PASSWORD): Promise<SignedIn> {
  const response = await ask(house, "sign-in/username", { username, password });
  if (!response.ok) throw new Error(`expected to sign in as ${username}, got ${await response.text()}`);
  const [setCookie = ""] = response.headers.getSetCookie();
  const { token } = (await response.json()) as { token: string };
  return { cookie: setCookie.split(";")[0] ?? "", token };
}
