import { expect } from "vitest";
import { GoldenClient } from "./golden-client.ts";

export type Step = readonly [client: string, act: string, what: unknown];

/** Something that happens outside of the sockets, in the place of a step that the recording ran as a program. */
export type Happenings = Readonly<Record<string, (what: unknown) => Promise<void>>>;

/** Runs the steps of one case in order, as the file's `how` says, over real sockets. */
export async function runSteps(url: string, steps: readonly Step[], happenings: Happenings = {}): Promise<void> {
  const clients = new Map<string, GoldenClient>();
  const at = (name: string): GoldenClient => {
    const client = clients.get(name);
    if (client === undefined) throw new Error(`expected ${name} to connect first`);
    return client;
  };
  try {
    for (const [index, [name, act, what]] of steps.entries()) {
      const happening = happenings[act];
      if (happening !== undefined) {
        await happening(what);
        continue;
      }
      switch (act) {
        case "connect": {
          const { path, headers } = what as { path: string; headers?: Record<string, string> };
          const client = new GoldenClient(url.replace(/^http/, "ws") + path, headers);
          clients.set(name, client);
          await client.begun();
          break;
        }
        case "send":
          at(name).send(typeof what === "string" ? what : Buffer.from((what as { binary_utf8: string }).binary_utf8));
          break;
        case "burst":
          for (const text of what as string[]) at(name).send(text);
          break;
        case "close":
          at(name).close((what as { code: number }).code);
          break;
        case "terminate":
          at(name).terminate();
          break;
        case "gets": {
          const expected = what as unknown[];
          const got = await at(name).gets(expected.length);
          expect(got, `step ${index + 1}: what ${name} gets`).toEqual(expected);
          break;
        }
        default:
          throw new Error(`expected a step that the file's "how" names, got ${act}`);
      }
    }
  } finally {
    for (const client of clients.values()) client.terminate();
    await everybodyOut(url, clients);
  }
}

/** Their leaving is announced in rooms that the next case uses as well: it begins when these have heard the last of it. */
async function everybodyOut(url: string, clients: ReadonlyMap<string, GoldenClient>): Promise<void> {
  if (clients.size === 0) return;
  const watchers = ["/ws/room/x", "/ws/room/m", "/ws/chat", "/ws/reliable"].map(
    (path) => new GoldenClient(url.replace(/^http/, "ws") + path),
  );
  for (const watcher of watchers) await watcher.begun();
  for (const watcher of watchers) await watcher.gets(1);
  for (const watcher of watchers) watcher.terminate();
  // Nobody is left to hear that the watchers go, but for whoever comes too early.
  const last = new GoldenClient(`${url.replace(/^http/, "ws")}/ws/system`);
  await last.begun();
  await last.gets(1);
  last.terminate();
}
