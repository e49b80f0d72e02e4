import type { LogEvent } from "@multichat/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Context } from "../../src/context.ts";
import { PostOrder, postMessage } from "../../src/messages/index.ts";

const ALICE = { id: "alice", username: "alice", email: null, staff: false, superuser: false, session: null };

/** A store whose writer handles appends in the order of their calls, when the test lets it. */
function openFakeStore() {
  let accessVersion = 1;
  const written: string[] = [];
  const calls: (() => void)[] = [];
  const room = (id: string) => ({
    id,
    number: 1,
    accessVersion,
    kind: "public",
    staffOnly: false,
    archived: false,
    members: null,
    banned: new Set<string>(),
    roles: new Map<string, string>(),
    mutedUntil: new Map<string, number>(),
    people: [],
    slowModeSeconds: 0,
    lastSeq: 0,
  });
  const store = {
    rooms: { find: async (id: string) => room(id) },
    messages: {
      append: (message: { room: string; accessVersion: number; body: string }) =>
        new Promise((resolve) => {
          calls.push(() => {
            if (message.accessVersion !== accessVersion) return resolve({ outcome: "stale" });
            written.push(`${message.room} ${message.body}`);
            // Publishing reads nothing else of an event.
            const event = { on: "message.posted", room: message.room, seq: written.length } as unknown as LogEvent;
            resolve({ outcome: "appended", message: { seq: written.length }, event });
          });
        }),
    },
  };
  // The command uses nothing else of its context.
  const context = { store, broadcasts: { publishLogEvent: async () => {} } } as unknown as Context;
  return {
    context,
    written,
    calls,
    /** Takes access away from another user, which makes what was checked before stale. */
    changeAccess: () => {
      accessVersion += 1;
    },
    write: (count: number) => {
      for (const call of calls.splice(0, count)) call();
    },
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

type Step =
  | { readonly do: "post"; readonly room: string }
  | { readonly do: "write"; readonly count: number }
  | { readonly do: "changeAccess" | "turn" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("post" as const), room: fc.constantFrom("a", "b") }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("write" as const), count: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("changeAccess" as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("turn" as const) }) },
);

test("messages that one sender posts without waiting keep their order in each room, however access changes meanwhile", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const fake = openFakeStore();
      const order = new PostOrder();
      const posted: Promise<unknown>[] = [];
      const expected: string[] = [];
      for (const next of steps) {
        if (next.do === "post") {
          const body = String(posted.length);
          expected.push(`${next.room} ${body}`);
          const message = { room: next.room, clientId: body, body, order };
          posted.push(postMessage(fake.context, ALICE, message));
        } else if (next.do === "write") fake.write(next.count);
        else if (next.do === "changeAccess") fake.changeAccess();
        else await turn();
      }
      const all = Promise.all(posted);
      let isDone = false;
      void all.finally(() => {
        isDone = true;
      });
      while (!isDone) {
        fake.write(100);
        await turn();
      }
      await all;
      for (const room of ["a", "b"]) {
        const of = (entries: readonly string[]) => entries.filter((entry) => entry.startsWith(room));
        expect(of(fake.written)).toEqual(of(expected));
      }
    }),
    { numRuns: 150 },
  );
});
