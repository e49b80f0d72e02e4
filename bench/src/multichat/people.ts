import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand, type ServerSettings } from "./server.ts";

/** Sign-ins under way at once: each takes a thread of the server's for the time of an argon2 hash. */
const AT_ONCE = 4;

/** What one of the people signs in with. */
export function credentialsOf(index: number): { readonly username: string; readonly password: string } {
  return { username: `person${index}`, password: `the password of ${index}` };
}

/** Makes people and rooms as an operator does, by `multichat loaddata`. */
export async function settle(settings: ServerSettings, people: number, rooms: number): Promise<void> {
  const file = join(settings.dataDir, "..", "people.json");
  const data = {
    users: Array.from({ length: people }, (_, index) => credentialsOf(index)),
    rooms: Array.from({ length: rooms }, (_, index) => ({ title: `Room ${index + 1}` })),
  };
  await writeFile(file, JSON.stringify(data));
  await runCommand(["loaddata", file], settings);
}

/** Signs everybody in once; a person's devices share the session. @returns a bearer token for each */
export async function signIn(url: string, people: number): Promise<readonly string[]> {
  const tokens: string[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < people; index = next++) {
      const { token } = await answer<{ token: string }>(`${url}/api/auth/sign-in/username`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(credentialsOf(index)),
      });
      tokens[index] = token;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return tokens;
}

/** Asks the server over HTTP, as one of the people. */
export async function ask<T>(url: string, token: string, path: string): Promise<T> {
  return answer<T>(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
}

/** The shapes are those of the server's API; a wrong one shows in the audit. */
async function answer<T>(url: string, init: RequestInit): Promise<T> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
