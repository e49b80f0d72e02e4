import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { wordsIn } from "../../src/store/search/words.ts";
import type { Database } from "../../src/store/sqlite/sqlite-store.ts";
import type { MessageSearch } from "../../src/store/store.ts";
import { ALICE, BOB, post, posted, refTo, roomIn, sharedStore } from "./temp-store.ts";

const shared = sharedStore();

type Terms = MessageSearch["terms"];
const word = (text: string): Terms => [{ text, kind: "word" }];
const prefix = (text: string): Terms => [{ text, kind: "prefix" }];
const phrase = (text: string): Terms => [{ text, kind: "phrase" }];

function question(rooms: readonly string[], terms: Terms, more: Partial<MessageSearch> = {}): MessageSearch {
  return { rooms, terms, limit: 50, viewer: ALICE.id, ...more };
}

/** What a search finds, as bodies. */
async function find(store: Database, ...asked: Parameters<typeof question>): Promise<string[]> {
  const answer = await store.search.find(question(...asked));
  if (answer === undefined) throw new Error("expected an answer");
  return answer.found.map(({ body }) => body);
}

describe("words", () => {
  test.each([
    ["Hello, World!", word("hello"), true],
    ["Hello, World!", word("hell"), false],
    ["Hello, World!", prefix("hell"), true],
    ["Hello, World!", prefix("wo"), true],
    ["Hello, World!", prefix("h"), false],
    ["Hello, World!", phrase("hello world"), true],
    ["Hello, World!", phrase("world hello"), false],
    ["Hello, World!", [...word("world"), ...word("hello")], true],
    ["Hello, World!", [...word("world"), ...word("moon")], false],
    ["the e-mail of bob@example.org", word("bob@example.org"), true],
    ["the e-mail of bob@example.org", word("e-mail"), true],
    ["version 2.10.3", word("2.10.3"), true],
    ["version 2.10.3", word("2.1"), false],
    ["Crème brûlée", word("creme"), true],
    ["creme brulee", word("CRÈME"), true],
    ["Crème brûlée", word("cre\u0300me"), true],
    ["Straße", word("STRASSE"), true],
    ["ΟΔΟΣ", word("οδός"), true],
    ["Ёлка", word("елка"), true],
    ["İstanbul", word("istanbul"), true],
    ["ﬁle and ﬂow", word("file"), true],
    ["Ｆｕｌｌ width", word("full"), true],
    ["今天天气很好", word("天气"), true],
    ["今天天气很好", word("气天"), false],
    ["今天天气很好", word("很"), true],
    ["今天天气很好", phrase("今天天气"), true],
    ["今天天气很好", prefix("天"), true],
    ["東京タワーに行きました", word("タワー"), true],
    ["東京タワーに行きました", word("ﾀﾜｰ"), true],
    ["東京タワーに行きました", word("ワ"), true],
    ["iPhone を買った", word("iphone"), true],
    ["iPhoneを買った", word("iPhoneを"), true],
    ["iPhoneを買った", word("買っ"), true],
    ["한국어를 배워요", word("한국어"), true],
    ["한국어를 배워요", word("국어를"), true],
    ["한국어를 배워요", word("배워"), true],
    ["ภาษาไทยง่ายมาก", word("ไทย"), true],
    ["ภาษาไทยง่ายมาก", word("ง่าย"), true],
    ["ภาษาไทยง่ายมาก", word("มากไทย"), false],
    ["हिन्दी में लिखा", word("हिन्दी"), true],
    ["हिन्दी में लिखा", word("हन्द"), false],
    ["مُحَمَّد", word("محمد"), true],
    ["שָׁלוֹם עולם", word("שלום"), true],
    ["𠮷野家で昼ご飯", word("𠮷野家"), true],
    ["well done 🎉 all", word("🎉"), true],
    ["I ❤️ it", word("❤"), true],
    ["well done 🎉", word("🎊"), false],
  ] as const)("%s is asked for %o", async (body, terms, found) => {
    const store = shared();
    const room = await roomIn(store);
    await posted(store, room, body);
    await posted(store, room, "something else");
    expect(await find(store, [room], terms)).toEqual(found ? [body] : []);
  });

  test("are the same however a text is composed or cased", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(wordsIn(text.normalize("NFD"))).toEqual(wordsIn(text.normalize("NFC")));
        for (const word of wordsIn(text)) expect(word).toMatch(/^[\p{L}\p{N}\p{M}\p{Co}]+$/u);
      }),
    );
  });

  test("any message is found by any of its own words", async () => {
    const store = shared();
    const room = await roomIn(store);
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), async (text) => {
        count += 1;
        const message = await posted(store, room, `${text} n${count}n`);
        const words = wordsIn(message.body);
        const picked = words[count % words.length] ?? "";
        const asked = [...word(picked), ...word(`n${count}n`)];
        expect(await find(store, [room], asked)).toEqual([message.body]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("what is found", () => {
  test("is what the messages say now", async () => {
    const store = shared();
    const room = await roomIn(store);
    const message = await posted(store, room, "before");
    await store.messages.edit({
      ref: await refTo(store, message),
      body: "afterwards",
      canMentionAll: false,
      by: ALICE,
    });
    expect(await find(store, [room], word("before"))).toEqual([]);
    expect(await find(store, [room], word("afterwards"))).toEqual(["afterwards"]);
    await store.messages.delete({ ref: await refTo(store, message), by: ALICE });
    expect(await find(store, [room], word("afterwards"))).toEqual([]);
    expect(await find(store, [room], [])).toEqual([]);
  });

  test("is only in the rooms that are asked for", async () => {
    const store = shared();
    const [one, two] = [await roomIn(store), await roomIn(store)];
    await posted(store, one, "found in one");
    await posted(store, two, "found in two");
    expect(await find(store, [one], word("found"))).toEqual(["found in one"]);
    expect(await find(store, [one, two], word("found"))).toEqual(["found in two", "found in one"]);
    expect(await find(store, [], word("found"))).toEqual([]);
    expect(await find(store, ["nowhere"], word("found"))).toEqual([]);
    const many = [...Array.from({ length: 200 }, (_, i) => `nowhere${i}`), two];
    expect(await find(store, many, word("found")), "more rooms than the index is asked for").toEqual(["found in two"]);
    expect(await find(store, many, [])).toEqual(["found in two"]);
  });

  test("can be by one author, in a time, or everything of it without a word", async () => {
    const store = shared();
    const room = await roomIn(store);
    const first = await posted(store, room, "tea by alice", ALICE);
    await posted(store, room, "tea by bob", BOB);
    await posted(store, room, "tea by nobody", null);
    expect(await find(store, [room], word("tea"), { from: BOB.id })).toEqual(["tea by bob"]);
    expect(await find(store, [room], [], { from: ALICE.id })).toEqual(["tea by alice"]);
    expect(await find(store, [room], [])).toEqual(["tea by nobody", "tea by bob", "tea by alice"]);
    const at = first.createdAt;
    expect(await find(store, [room], word("tea"), { after: at, from: ALICE.id })).toEqual(["tea by alice"]);
    expect(await find(store, [room], word("tea"), { before: at })).toEqual([]);
    expect(await find(store, [room], word("tea"), { after: at + 86_400_000 })).toEqual([]);
    expect(await find(store, [room], word("tea"), { after: -1, before: at + 86_400_000 })).toHaveLength(3);
    expect(await find(store, [room], word("tea"), { after: Number.MAX_SAFE_INTEGER })).toEqual([]);
  });

  test("comes as whole messages, the viewer's reactions told apart", async () => {
    const store = shared();
    const room = await roomIn(store);
    const message = await posted(store, room, "a find");
    await store.messages.setReaction({ ref: await refTo(store, message), emoji: "👍", present: true, by: ALICE });
    const asked = await store.search.find(question([room], word("find")));
    expect(asked?.found).toEqual([await store.messages.find({ room, message: message.id, viewer: ALICE.id })]);
    expect(asked?.found[0]?.reactions).toMatchObject([{ mine: true }]);
  });

  test("is paged newest first, and a cursor goes on where the page ended", async () => {
    const store = shared();
    const [room, other] = [await roomIn(store), await roomIn(store)];
    for (let i = 0; i < 7; i += 1) await posted(store, i % 2 ? other : room, `page ${i}`);
    const pages: string[][] = [];
    let cursor: string | null | undefined;
    do {
      const asked = question([room, other], word("page"), { limit: 3, cursor: cursor ?? undefined });
      const answer = await store.search.find(asked);
      pages.push(answer?.found.map(({ body }) => body) ?? []);
      cursor = answer?.cursor;
    } while (cursor !== null && cursor !== undefined);
    expect(pages).toEqual([["page 6", "page 5", "page 4"], ["page 3", "page 2", "page 1"], ["page 0"]]);
    expect(await find(store, [room], word("page"), { limit: 4 })).toHaveLength(4);
    expect((await store.search.find(question([room], word("page"), { limit: 4 })))?.cursor, "the end").toBeNull();
  });

  test("needs a cursor that a search has given, and cursors tell nothing", async () => {
    const store = shared();
    const room = await roomIn(store);
    await posted(store, room, "one");
    await posted(store, room, "one");
    const { cursor } = (await store.search.find(question([room], word("one"), { limit: 1 }))) ?? {};
    expect(cursor).toMatch(/^[\w-]{22}$/);
    for (const forged of [
      "",
      "1",
      "x".repeat(22),
      `${cursor}A`,
      (cursor ?? "").slice(1),
      "🎉",
      "AAAAAAAAAAAAAAAAAAAAAA",
    ]) {
      expect(await store.search.find(question([room], word("one"), { cursor: forged })), forged).toBeUndefined();
    }
  });
});

describe("hostile questions", () => {
  const HOSTILE = [
    '"',
    '""',
    '" OR said : "x',
    "* ",
    "said : x",
    "place : every",
    "{said place} : every",
    "NEAR(a b, 10)",
    "a AND b OR NOT c",
    "^first",
    "a + b",
    "-- ; drop table message",
    "'); delete from message; --",
    "\u0000",
    "\\",
    "%",
    "(((((((((",
    "every",
    "\ud800",
    "\u202e\u200b",
    "*".repeat(200),
    "a ".repeat(100),
    "文".repeat(200),
    "\u0301".repeat(200),
  ];

  test.each(HOSTILE)("%j is words and nothing else", async (text) => {
    const store = shared();
    const room = await roomIn(store);
    await posted(store, room, "nothing of it");
    for (const kind of ["word", "prefix", "phrase"] as const) {
      expect(await find(store, [room], [{ text, kind }])).toEqual([]);
    }
  });

  test("nothing that can be typed breaks a search, or finds what does not hold it", async () => {
    const store = shared();
    const room = await roomIn(store);
    await posted(store, room, "plain");
    const term = fc.record({
      text: fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...HOSTILE), fc.constant("plain")),
      kind: fc.constantFrom("word" as const, "prefix" as const, "phrase" as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(term, { minLength: 1, maxLength: 12 }), async (terms) => {
        const asked = terms.slice(0, 10).flatMap(({ text }) => wordsIn(text));
        const holds = asked.length > 0 && asked.every((word) => word === "plain");
        const found = await find(store, [room], terms);
        const wordsOnly = terms.every(({ kind, text }) => kind === "word" && wordsIn(text).length <= 1);
        if (wordsOnly) expect(found).toEqual(holds ? ["plain"] : []);
        else if (!asked.every((word) => "plain".startsWith(word))) expect(found).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test("room and author ids are no part of the question's language", async () => {
    const store = shared();
    const room = await roomIn(store);
    await posted(store, room, "nothing of it");
    for (const id of ['" OR "every', "*", "", "') --", "every"]) {
      expect(await find(store, [id], word("nothing"))).toEqual([]);
      expect(await find(store, [room], word("nothing"), { from: id })).toEqual([]);
    }
  });
});

test("a search looks at a bounded number of messages and goes on by its cursor", async () => {
  const store = shared();
  const [room, elsewhere] = [await roomIn(store), await roomIn(store)];
  await posted(store, room, "rare and common");
  await Promise.all(Array.from({ length: 5_300 }, () => post(store, elsewhere, "common")));
  const rooms = [...Array.from({ length: 60 }, (_, i) => `nowhere${i}`), room];
  const first = await store.search.find(question(rooms, word("common")));
  expect(first).toEqual({ found: [], cursor: expect.any(String) });
  const second = await store.search.find(question(rooms, word("common"), { cursor: first?.cursor ?? "" }));
  expect(second).toMatchObject({ found: [{ body: "rare and common" }], cursor: null });
  expect(await find(store, [room], word("common")), "few rooms are asked of the index").toEqual(["rare and common"]);
});
