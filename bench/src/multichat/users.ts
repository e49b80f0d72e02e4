import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand, type ServerSettings } from "./server.ts";

/** The most sign-ins at once: each occupies a thread of the server for the time of an argon2 hash. */
const MAX_SIGN_INS_AT_ONCE = 4;

/** Returns the credentials of a user. */
export function credentialsOf(index: number): { readonly username: string; readonly password: string } {
  return { username: `user${index}`, password: `the password of ${index}` };
}

/** Creates users and rooms as an operator does, by `multichat loaddata`. The first users are staff. */
export async function createUsersAndRooms(
  settings: ServerSettings,
  userCount: number,
  rooms: number,
  { staffCount = 0 }: { readonly staffCount?: number } = {},
): Promise<void> {
  const file = join(settings.dataDir, "..", "users.json");
  const data = {
    users: Array.from({ length: userCount }, (_, index) => ({ ...credentialsOf(index), staff: index < staffCount })),
    rooms: Array.from({ length: rooms }, (_, index) => ({ title: `Room ${index + 1}` })),
  };
  await writeFile(file, JSON.stringify(data));
  await runCommand(["loaddata", file], settings);
}

/** Signs in each user once; their connections share the session. @returns a bearer token for each user */
export async function signInAll(url: string, userCount: number): Promise<readonly string[]> {
  const tokens: string[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < userCount; index = next++) {
      const { token } = await fetchJson<{ token: string }>(`${url}/api/auth/sign-in/username`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(credentialsOf(index)),
      });
      tokens[index] = token;
    }
  };
  await Promise.all(Array.from({ length: MAX_SIGN_INS_AT_ONCE }, work));
  return tokens;
}

/** Requests JSON from the server over HTTP, as one of the users. */
export async function getJson<T>(url: string, token: string, path: string): Promise<T> {
  return fetchJson<T>(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
}

/** The cast holds: the shapes are those of the server's API, and a wrong one fails the audit. */
async function fetchJson<T>(url: string, init: RequestInit): Promise<T> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
