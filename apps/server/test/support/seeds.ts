import { readFile, writeFile } from "node:fs/promises";
import { pino } from "pino";
import { openAccounts } from "../../src/accounts/open-accounts.ts";
import type { Config } from "../../src/config/config.ts";
import { openCommandStore } from "../../src/main/databases.ts";
import { testDatabase } from "../store/support/test-database.ts";

export const passwordOf = (username: string): string => `the password of ${username}`;

/** The credentials of a session, as a cookie and as a bearer token. */
export interface Credentials {
  readonly cookie: string;
  readonly token: string;
}

export interface SeedPerson {
  readonly username: string;
  readonly staff?: boolean;
  readonly superuser?: boolean;
}

export interface Seeds {
  /** @default admin (superuser), sara (staff), alice and bob */
  readonly people?: readonly SeedPerson[] | undefined;
  /** In order, so that the first is number 1. @default General, Random, Staff only */
  readonly rooms?: readonly { readonly title: string; readonly staffOnly?: boolean }[] | undefined;
}

const PEOPLE: readonly SeedPerson[] = [
  { username: "admin", staff: true, superuser: true },
  { username: "sara", staff: true },
  { username: "alice" },
  { username: "bob" },
];

const ROOMS = [{ title: "General" }, { title: "Random" }, { title: "Staff only", staffOnly: true }];

const templates = new Map<string, Promise<Buffer>>();

/** Creates a database with people and rooms before a server opens it. Written once per test file and copied afterwards. */
export async function seed(config: Config, seeds: Seeds): Promise<void> {
  const key = JSON.stringify([seeds.people, seeds.rooms]);
  if (config.postgresUrl !== null) {
    await testDatabase().prepare(config.dataDir);
    return write(config, seeds);
  }
  let template = templates.get(key);
  if (template === undefined) {
    template = write(config, seeds).then(() => readFile(config.databaseFile));
    templates.set(key, template);
    await template;
  } else {
    await writeFile(config.databaseFile, await template);
  }
}

async function write(config: Config, { people = PEOPLE, rooms = ROOMS }: Seeds): Promise<void> {
  const store = await openCommandStore(config);
  const accounts = await openAccounts({ store: store.people, config, logger: pino({ level: "silent" }) });
  await Promise.all(people.map((person) => accounts.create({ ...person, password: passwordOf(person.username) })));
  for (const room of rooms) await store.rooms.create({ ...room, by: null });
  await accounts.close();
  // Closing merges the write-ahead log into the one file that is copied.
  await store.close();
}
