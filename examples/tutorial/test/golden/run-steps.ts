import { expect } from "vitest";
import { GoldenClient } from "./golden-client.ts";

export type Step = readonly [client: string, act: string, what: unknown];

/** Handlers for steps that the recording ran as a separate program, by their act. */
export type StepHandlers = Readonly<Record<string, (what: unknown) => Promise<void>>>;

/** Runs the steps of one case in order over real sockets, as the recording's `how` describes. */
export async function runSteps(url: string, steps: readonly Step[], happenings: StepHandlers = {}): Promise<void> {
  const clients = new Map<string, GoldenClient>();
  const at = (name: string): GoldenClient => {
    const client = clients.get(name);
    if (client === undefined) throw new Error(`Expected ${name} to connect first.`);
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
          await client.opened();
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
          const got = await at(name).received(expected.length);
          expect(got, `step ${index + 1}: ${name} receives`).toEqual(expected);
          break;
        }
        default:
          throw new Error(`Expected an act that the recording's "how" describes, got ${act}.`);
      }
    }
  } finally {
    for (const client of clients.values()) client.terminate();
  }
}
