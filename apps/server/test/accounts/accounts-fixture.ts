import { LIMITS } from "@multichat/protocol";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import type { Account, Accounts, NewAccount } from "../../src/accounts/accounts.ts";
import { openAccounts } from "../../src/accounts/open-accounts.ts";
import type { ChatStore } from "../../src/store/store.ts";
import { testDatabase } from "../store/support/test-database.ts";

export const PASSWORD = "correct horse battery";

export interface AccountsFixture {
  /** Where the database is. */
  readonly place: string;
  readonly store: ChatStore;
  readonly accounts: Accounts;
  /** The messages of logged errors. */
  readonly logged: readonly string[];
}

/** @param publicUrl @default null, so that the cookie is sent over plain HTTP */
export async function openFixture(place: string, publicUrl: string | null = null): Promise<AccountsFixture> {
  const store = await testDatabase().open(place);
  const logged: string[] = [];
  const accounts = await openAccounts({
    store: store.people,
    config: { publicUrl, limits: LIMITS },
    logger: { error: ({ err }: { err?: unknown }) => logged.push(String(err)) },
  });
  return { place, store, accounts, logged };
}

async function closeFixture({ accounts, store }: AccountsFixture): Promise<void> {
  await accounts.close();
  await store.close();
}

/** Returns a fixture for all tests of a file, for tests that create their own people. */
export function useSharedFixture(): () => AccountsFixture {
  let fixture: AccountsFixture | undefined;
  const database = testDatabase();
  let place: string;
  beforeAll(async () => {
    place = await database.create();
    fixture = await openFixture(place);
  });
  afterAll(async () => {
    if (fixture !== undefined) await closeFixture(fixture);
    await database.remove(place);
  });
  return () => {
    if (fixture === undefined) throw new Error("the fixture is only open while tests run");
    return fixture;
  };
}

/** Opens a fixture that is removed after the test. */
export async function openTempFixture(publicUrl: string | null = null): Promise<AccountsFixture> {
  const database = testDatabase();
  const place = await database.create();
  const fixture = await openFixture(place, publicUrl);
  onTestFinished(async () => {
    await closeFixture(fixture);
    await database.remove(place);
  });
  return fixture;
}

/** Opens the same database a second time, like another process. */
export async function openSecondProcess({ place }: AccountsFixture): Promise<AccountsFixture> {
  const fixture = await openFixture(place);
  onTestFinished(() => closeFixture(fixture));
  return fixture;
}

let people = 0;

/** Creates an account with a unique username. */
export async function createPerson({ accounts }: AccountsFixture, options: Partial<NewAccount> = {}): Promise<Account> {
  people += 1;
  const created = await accounts.create({ username: `person${people}`, password: PASSWORD, ...options });
  if (typeof created === "string") throw new Error(`expected an account, got ${created}`);
  return created;
}

export function sendRequest(
  { accounts }: AccountsFixture,
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
  /** The cookie as the browser sends it. */
  readonly cookie: string;
  readonly token: string;
}

export async function signIn(fixture: AccountsFixture, username: string, password = PASSWORD): Promise<SignedIn> {
  const response = await sendRequest(fixture, "sign-in/username", { username, password });
  if (!response.ok) throw new Error(`expected to sign in as ${username}, got ${await response.text()}`);
  const [setCookie = ""] = response.headers.getSetCookie();
  const { token } = (await response.json()) as { token: string };
  return { cookie: setCookie.split(";")[0] ?? "", token };
}
