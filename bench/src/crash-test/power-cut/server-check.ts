import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { freePort, Server } from "../../multichat/server.ts";
import { credentialsOf } from "../../multichat/users.ts";
import { DATA_FOLDER, type StateFinding } from "./check-state.ts";
import { expectationsAt, type Fact } from "./facts.ts";

/** Sessions that are asked for; each takes a request. */
const MAX_SESSIONS = 12;

interface ServerCheck {
  readonly facts: readonly Fact[];
  readonly cut: number;
  /** By the keys of the sessions' facts. */
  readonly tokens: ReadonlyMap<string, string>;
}

/** Starts the server on a state, asks for sessions that have to be valid or ended, and posts a message. */
export async function checkServer(
  folder: string,
  { facts, cut, tokens }: ServerCheck,
): Promise<readonly StateFinding[]> {
  const findings: StateFinding[] = [];
  let server: Server | undefined;
  try {
    server = await Server.start({ dataDir: join(folder, DATA_FOLDER), port: await freePort() });
    const { url } = server;
    const expectations = expectationsAt(facts, cut);
    const sessions = expectations.filter(({ key, values }) => tokens.has(key) && values.length === 1);
    for (const { key, values } of sessions.slice(-MAX_SESSIONS)) {
      const { status } = await request(url, "GET", "/api/me", { token: tokens.get(key) ?? "" });
      const expected = values[0] === "valid" ? 200 : 401;
      if (status === expected) continue;
      const detail = `${key} is ${values[0]}, GET /api/me answered ${status}`;
      findings.push({ kind: expected === 401 ? "returned" : "lost", detail });
    }
    // Before the first sign-in the accounts may not be loaded yet.
    if (!expectations.some(({ kind }) => kind === "sign-ins")) return findings;
    const { body } = await request(url, "POST", "/api/auth/sign-in/username", { body: credentialsOf(0) });
    const token = typeof body === "object" && body !== null && "token" in body ? String(body.token) : "";
    const message = { clientId: randomUUID(), body: "after the power cut" };
    const { status } = await request(url, "POST", "/api/rooms/1/messages", { token, body: message });
    if (status !== 201) findings.push({ kind: "damaged", detail: `a new message was answered with ${status}` });
  } catch (error) {
    findings.push({ kind: "not opened", detail: error instanceof Error ? error.message : String(error) });
  } finally {
    await server?.kill();
  }
  return findings;
}

async function request(
  url: string,
  method: string,
  path: string,
  { token, body }: { readonly token?: string; readonly body?: object },
): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // Some replies have no body, or, where something is wrong, one that is no JSON: the status says it.
  return { status: response.status, body: await response.json().catch(() => undefined) };
}
