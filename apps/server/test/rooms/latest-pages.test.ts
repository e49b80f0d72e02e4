import type { HistoryPage, Message } from "@multichat/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { joinedToJson, resumedToJson, stringifyReply, type TextOf } from "../../src/consumers/chat/stringify-reply.ts";
import { LatestPages } from "../../src/rooms/index.ts";

/** A store whose reads the test answers. */
function open() {
  const reads: { readonly room: string; readonly viewer: string; answer(page: HistoryPage): void; fail(): void }[] = [];
  const readHistory = ({ room, viewer = "" }: { readonly room: string; readonly viewer?: string }) =>
    new Promise<HistoryPage>((resolve, reject) => {
      reads.push({ room, viewer, answer: resolve, fail: () => reject(new Error("busy")) });
    });
  const pages = new LatestPages({ messages: { readHistory } }, 50);
  return { pages, reads };
}

const page = (body: string, { reacted = false } = {}): HistoryPage => {
  const reactions = reacted ? [{ emoji: "👍", users: ["bob"], count: 1, mine: true }] : [];
  // The cache reads nothing else of a message.
  return { messages: [{ body, reactions } as unknown as Message], hasBefore: false, hasAfter: false };
};
const room = (lastSeq: number) => ({ id: "general", lastSeq });

test("one read answers all who join, at once and later, until the log grows", async () => {
  const { pages, reads } = open();
  const joins = ["alice", "bob", "carol"].map((viewer) => pages.read(room(1), viewer));
  expect(reads).toHaveLength(1);
  reads[0]?.answer(page("one"));
  const [first, ...others] = await Promise.all(joins);
  for (const other of others) expect(other).toBe(first);
  expect(await pages.read(room(1), "dave")).toBe(first);
  expect(reads).toHaveLength(1);
  const next = pages.read(room(2), "alice");
  expect(reads).toHaveLength(2);
  reads[1]?.answer(page("two"));
  expect((await next).messages[0]?.body).toBe("two");
});

test("a page with reactions is read for each viewer, because it says which are the viewer's own", async () => {
  const { pages, reads } = open();
  const joins = ["alice", "bob"].map((viewer) => pages.read(room(1), viewer));
  reads[0]?.answer(page("hers", { reacted: true }));
  await joins[0];
  await new Promise((resolve) => setImmediate(resolve));
  expect(reads.map(({ viewer }) => viewer)).toEqual(["alice", "bob"]);
  reads[1]?.answer(page("his", { reacted: true }));
  expect((await joins[1])?.messages[0]?.body).toBe("his");
  const later = pages.read(room(1), "alice");
  expect(reads).toHaveLength(3);
  reads[2]?.answer(page("hers again", { reacted: true }));
  const answer = await later;
  expect(pages.textOf(answer)).toBeUndefined();
});

test("a failed read fails those who waited for it, and is repeated for the next", async () => {
  const { pages, reads } = open();
  const joins = ["alice", "bob"].map((viewer) => pages.read(room(1), viewer));
  reads[0]?.fail();
  for (const join of joins) await expect(join).rejects.toThrow("busy");
  const next = pages.read(room(1), "alice");
  reads[1]?.answer(page("there"));
  expect((await next).messages[0]?.body).toBe("there");
});

test("after a change of a name nothing older is used, also of a read under way", async () => {
  const { pages, reads } = open();
  const before = pages.read(room(1), "alice");
  pages.clear();
  const after = pages.read(room(1), "bob");
  expect(reads).toHaveLength(2);
  reads[0]?.answer(page("old name"));
  await before;
  reads[1]?.answer(page("new name"));
  expect((await after).messages[0]?.body).toBe("new name");
  expect((await pages.read(room(1), "carol")).messages[0]?.body).toBe("new name");
  pages.clear();
  void pages.read(room(1), "dave");
  expect(reads).toHaveLength(3);
});

test("a reply with a shared page or shared events is the same JSON as one without", async () => {
  const { pages, reads } = open();
  const body = fc.string({ unit: "binary" });
  await fc.assert(
    fc.asyncProperty(body, fc.nat(), fc.boolean(), async (text, re, isShared) => {
      pages.clear();
      const read = pages.read(room(1), "alice");
      reads.at(-1)?.answer(page(text, { reacted: !isShared }));
      const shared = await read;
      const events = [{ on: "message.posted", message: { body: text } }];
      // Shorter answers than those of joins.
      const common = { room: { id: "general" }, occupants: 3 };
      const joined = { reset: true, page: shared, ...common } as never;
      const resumed = { reset: false, events, ...common } as never;
      const textOf: TextOf = (of) => ("messages" in of ? pages.textOf(of) : isShared ? JSON.stringify(of) : undefined);
      expect(pages.textOf(shared) !== undefined).toBe(isShared);
      const rooms = { [text]: resumed, other: joined, last: { gone: true } as const };
      const answers = [
        [joined, joinedToJson(joined, textOf)],
        [resumed, joinedToJson(resumed, textOf)],
        [{ rooms, epoch: text }, resumedToJson({ rooms, epoch: text }, textOf)],
      ] as const;
      for (const [ok, json] of answers) {
        expect(JSON.parse(stringifyReply({ re, ok: json } as never))).toEqual(JSON.parse(JSON.stringify({ re, ok })));
      }
    }),
  );
  for (const reply of [
    { re: 1, ok: {} },
    { re: null, error: { code: "INTERNAL", message: "x" } },
    { re: 2, ok: null },
  ]) {
    // They are replies, whatever command they answer.
    expect(stringifyReply(reply as never)).toBe(JSON.stringify(reply));
  }
});
