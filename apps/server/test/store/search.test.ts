import { findMatches, readQuery, wordsIn } from "@multichat/protocol/search";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChatStore, MessageSearch } from "../../src/store/store.ts";
import {
  ALICE,
  BOB,
  newPlace,
  openStore,
  post,
  posted,
  refTo,
  roomIn,
  sharedStore,
  until,
} from "./support/temp-store.ts";
import { testDatabase } from "./support/test-database.ts";
import { undoMigrationsAfter } from "./support/undo-migrations.ts";

const shared = sharedStore();

type Terms = MessageSearch["terms"];
const word = (text: string): Terms => [{ text, kind: "word" }];
const prefix = (text: string): Terms => [{ text, kind: "prefix" }];
const phrase = (text: string): Terms => [{ text, kind: "phrase" }];

function searchFor(rooms: readonly string[], terms: Terms, more: Partial<MessageSearch> = {}): MessageSearch {
  return { rooms, terms, limit: 50, viewer: ALICE.id, ...more };
}

/** Returns the bodies of the messages that a search finds. */
async function find(store: ChatStore, ...search: Parameters<typeof searchFor>): Promise<string[]> {
  await until(async () => !(await store.search.hasUnindexed()));
  const page = await store.search.find(searchFor(...search));
  if (page === undefined) throw new Error("expected a page of matches");
  return page.found.map(({ body }) => body);
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
  ] as const)("%s is searched for %o", async (body, terms, found) => {
    const store = shared();
    const room = await roomIn(store);
    await posted(store, room, body);
    await posted(store, room, "something else");
    expect(await find(store, [room], terms)).toEqual(found ? [body] : []);
  });

  // Which a user types, types otherwise, or leaves out.
  test.each([
    ["aloha Hawai'i", word("hawaii"), true],
    ["aloha Hawai’i", word("hawaii"), true],
    ["aloha Hawaiʻi", word("hawaii"), true],
    ["aloha Hawaiʼi", word("hawaii"), true],
    ["aloha Hawai`i", word("hawaii"), true],
    ["aloha Hawaii", word("Hawai'i"), true],
    ["aloha Hawai'i", word("Hawaiʻi"), true],
    ["aloha Hawaiʻi", word("Hawai‘i"), true],
    ["aloha Hawai'i", prefix("hawaii"), true],
    ["aloha Hawai'i", phrase("aloha hawaii"), true],
    ["Mr. O'Brien’s garden", word("obrien"), true],
    ["Mr. O'Brien’s garden", word("obriens"), true],
    ["Mr. O'Brien’s garden", word("O’Brien"), true],
    ["Mr. O'Brien’s garden", word("brien"), true],
    ["Mr. O'Brien’s garden", phrase("obriens garden"), true],
    ["Mr. OBrien", word("o'brien"), true],
    ["d'accord", word("daccord"), true],
    ["d’accord", word("accord"), true],
    ["daccord", word("d'accord"), true],
    ["cet été, l'été", word("lete"), true],
    ["cet été, l'été", word("l’été"), true],
    ["we don't know", word("dont"), true],
    ["we dont know", word("don’t"), true],
    ["rock'n'roll", word("rocknroll"), true],
    ["м'ята", word("мята"), true],
    ["мята", word("м’ята"), true],
    ["la col·lecció", word("colleccio"), true],
    ['צה"ל', word("צהל"), true],
    ["צה״ל", word("צהל"), true],
    ["ג׳ירפה", word("גירפה"), true],
    ["aloha Hawai'i", phrase("i aloha"), false],
    ["aloha Hawai'i", phrase("i hawaii"), false],
    ["aloha Hawai'i", word("hawa"), false],
    ["x Hawai'i", word("ß"), false],
    ["x Hawai'i", word("ss"), false],
    ["he said 'no'", word("saidno"), false],
    ["6'2 tall", word("62"), false],
    ["we can't, we won't go", phrase("cant we wont go"), true],
    ["l'homme qu'il aime", phrase("lhomme quil"), true],
    ["l'homme qu'il aime", phrase("quil lhomme"), false],
  ] as const)("with apostrophes: %s is searched for %o", async (body, terms, found) => {
    const store = shared();
    const room = await roomIn(store);
    await posted(store, room, body);
    await posted(store, room, "something else");
    expect(await find(store, [room], terms)).toEqual(found ? [body] : []);
  });

  test("are the same for every normal form of a text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(wordsIn(text.normalize("NFD"))).toEqual(wordsIn(text.normalize("NFC")));
        for (const word of wordsIn(text)) expect(word).toMatch(/^[\p{L}\p{N}\p{M}\p{Co}]+$/u);
      }),
    );
  });

  test("finds any message by any of its words", async () => {
    const store = shared();
    const room = await roomIn(store);
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), async (text) => {
        count += 1;
        const message = await posted(store, room, `${text} n${count}n`);
        const words = wordsIn(message.body);
        const picked = words[count % words.length] ?? "";
        const terms = [...word(picked), ...word(`n${count}n`)];
        expect(await find(store, [room], terms)).toEqual([message.body]);
      }),
      { numRuns: 60 },
    );
  });
});

test("an upgrade from schema 15 indexes the messages with apostrophes again, and no others", async () => {
  const place = await newPlace();
  const older = await openStore({ place });
  const room = await roomIn(older);
  for (const body of ["on Hawai'i", "on Hawai’i", 'צה"ל', "hawaii without"]) await posted(older, room, body);
  await until(async () => !(await older.search.hasUnindexed()));
  await older.close();
  const { execute } = testDatabase();
  // An index without any words, to see what is indexed again.
  await execute(place, "delete from message_search");
  for (const statement of undoMigrationsAfter(15)) await execute(place, statement);
  await execute(place, "update meta set value = '15' where key = 'schema'");
  const store = await openStore({ place });
  expect(await find(store, [room], word("hawaii"))).toEqual(["on Hawai’i", "on Hawai'i"]);
  expect(await find(store, [room], word("צהל"))).toEqual(['צה"ל']);
  expect(await find(store, [room], word("without"))).toEqual([]);
});

test("why indexing fails is reported once, and posting goes on", async () => {
  const place = await newPlace();
  const reported: { readonly message: string; readonly task: string }[] = [];
  const store = await openStore({ place, onBackgroundError: ({ message }, task) => reported.push({ message, task }) });
  const room = await roomIn(store);
  await testDatabase().execute(place, "drop table message_search");
  for (let count = 0; count < 20; count += 1) await posted(store, room, "not indexed");
  await until(async () => reported.length > 0);
  // The index has several tables, of which another can be the first that is missing while it is dropped.
  expect(new Set(reported.map(({ message }) => message)).size, "each failure once").toBe(reported.length);
  for (const failure of reported) {
    expect(failure).toEqual({ message: expect.stringMatching(/message_search/), task: "index messages" });
  }
  expect(await store.search.countUnindexed()).toBe(20);

  const elsewhere = await roomIn(store);
  expect(await store.search.isBehind({ rooms: [elsewhere, room] })).toBe(true);
  expect(await store.search.isBehind({ rooms: [elsewhere] }), "says nothing of another room").toBe(false);
  const backlog = "with recursive s (n) as (select 1000000 union all select n + 1 from s where n < 1005000)";
  await testDatabase().execute(place, `${backlog} insert into search_queue (n) select n from s`);
  expect(await store.search.isBehind({ rooms: [elsewhere] }), "of the backlog of an upgrade").toBe(true);
});

test("an upgrade from schema 16 indexes the messages whose words are folded differently again, and no others", async () => {
  const place = await newPlace();
  const older = await openStore({ place });
  const room = await roomIn(older);
  const found = [
    ["फ़ोन पर", word("फोन")],
    ["हूँ", word("हूं")],
    ["അവൻ", word("അവന്\u200d")],
    ["উৎসব", word("উত্\u200dসব")],
    ["װאָס", word("וואס")],
    ["カ゛ッコウ", word("がつこう")],
    ["col•lecció", word("colleccio")],
    ["see ❶", word("1")],
    ["🅞🅚", word("ok")],
    ["I can't, won't", phrase("cant wont")],
  ] as const;
  for (const [body] of found) await posted(older, room, body);
  for (const body of ["plain words", "ünchanged wörds", "文字", "다른 말"]) await posted(older, room, body);
  await until(async () => !(await older.search.hasUnindexed()));
  await older.close();
  const { execute } = testDatabase();
  // An index without any words, to see what is indexed again.
  await execute(place, "delete from message_search");
  for (const statement of undoMigrationsAfter(16)) await execute(place, statement);
  await execute(place, "update meta set value = '16' where key = 'schema'");
  const store = await openStore({ place });
  for (const [body, terms] of found) expect(await find(store, [room], terms)).toEqual([body]);
  for (const unchanged of ["words", "wörds", "文", "다"])
    expect(await find(store, [room], word(unchanged))).toEqual([]);
});

describe("a search", () => {
  test("finds the present bodies of messages", async () => {
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

  test("never finds a text that a message no longer has, also before its new text is indexed", async () => {
    const store = shared();
    const room = await roomIn(store);
    const bodies = (terms: Terms) =>
      store.search.find(searchFor([room], terms, { viewer: "nobody" })).then((page) => page?.found ?? []);
    for (let i = 0; i < 20; i += 1) {
      const message = await posted(store, room, `secret${i}`);
      if (i % 2 === 0) await until(async () => !(await store.search.hasUnindexed()));
      const ref = await refTo(store, message);
      if (i % 4 < 2) await store.messages.edit({ ref, body: "public", canMentionAll: false, by: ALICE });
      else await store.messages.delete({ ref, by: ALICE });
      expect(await bodies(word(`secret${i}`))).toEqual([]);
      await until(async () => !(await store.search.hasUnindexed()));
      expect(await bodies(word(`secret${i}`))).toEqual([]);
    }
    expect(await bodies(word("public"))).toHaveLength(10);
  });

  test("finds messages in the given rooms alone", async () => {
    const store = shared();
    const [one, two] = [await roomIn(store), await roomIn(store)];
    await posted(store, one, "found in one");
    await posted(store, two, "found in two");
    expect(await find(store, [one], word("found"))).toEqual(["found in one"]);
    expect(await find(store, [one, two], word("found"))).toEqual(["found in two", "found in one"]);
    expect(await find(store, [], word("found"))).toEqual([]);
    expect(await find(store, ["nowhere"], word("found"))).toEqual([]);
    const many = [...Array.from({ length: 200 }, (_, i) => `nowhere${i}`), two];
    expect(await find(store, many, word("found")), "more rooms than the index selects by").toEqual(["found in two"]);
    expect(await find(store, many, [])).toEqual(["found in two"]);
  });

  test("filters by author and time, also without a term", async () => {
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

  test("returns whole messages, with the viewer's reactions marked", async () => {
    const store = shared();
    const room = await roomIn(store);
    const message = await posted(store, room, "a find");
    await store.messages.setReaction({ ref: await refTo(store, message), emoji: "👍", present: true, by: ALICE });
    await until(async () => !(await store.search.hasUnindexed()));
    const page = await store.search.find(searchFor([room], word("find")));
    expect(page?.found).toEqual([await store.messages.find({ room, message: message.id, viewer: ALICE.id })]);
    expect(page?.found[0]?.reactions).toMatchObject([{ mine: true }]);
  });

  test("returns pages newest first, and continues at the cursor", async () => {
    const store = shared();
    const [room, other] = [await roomIn(store), await roomIn(store)];
    for (let i = 0; i < 7; i += 1) await posted(store, i % 2 ? other : room, `page ${i}`);
    await until(async () => !(await store.search.hasUnindexed()));
    const pages: string[][] = [];
    let cursor: string | null | undefined;
    do {
      const search = searchFor([room, other], word("page"), { limit: 3, cursor: cursor ?? undefined });
      const page = await store.search.find(search);
      pages.push(page?.found.map(({ body }) => body) ?? []);
      cursor = page?.cursor;
    } while (cursor !== null && cursor !== undefined);
    expect(pages).toEqual([["page 6", "page 5", "page 4"], ["page 3", "page 2", "page 1"], ["page 0"]]);
    expect(await find(store, [room], word("page"), { limit: 4 })).toHaveLength(4);
    expect((await store.search.find(searchFor([room], word("page"), { limit: 4 })))?.cursor, "the end").toBeNull();
  });

  test("rejects forged cursors, and issues opaque ones", async () => {
    const store = shared();
    const room = await roomIn(store);
    await posted(store, room, "one");
    await posted(store, room, "one");
    await until(async () => !(await store.search.hasUnindexed()));
    const { cursor } = (await store.search.find(searchFor([room], word("one"), { limit: 1 }))) ?? {};
    expect(cursor).toMatch(/^[\w-]{48}$/);
    for (const forged of [
      "",
      "1",
      "x".repeat(22),
      `${cursor}A`,
      (cursor ?? "").slice(1),
      "🎉",
      "AAAAAAAAAAAAAAAAAAAAAA",
    ]) {
      expect(await store.search.find(searchFor([room], word("one"), { cursor: forged })), forged).toBeUndefined();
    }
  });
});

describe("hostile input", () => {
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

  test.each(HOSTILE)("%j is searched for as words alone", async (text) => {
    const store = shared();
    const room = await roomIn(store);
    await posted(store, room, "nothing like it");
    for (const kind of ["word", "prefix", "phrase"] as const) {
      expect(await find(store, [room], [{ text, kind }])).toEqual([]);
    }
  });

  test("no input breaks a search, or finds a message without its words", async () => {
    const store = shared();
    const room = await roomIn(store);
    await posted(store, room, "plain");
    const term = fc.record({
      text: fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...HOSTILE), fc.constant("plain")),
      kind: fc.constantFrom("word" as const, "prefix" as const, "phrase" as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(term, { minLength: 1, maxLength: 12 }), async (terms) => {
        const words = terms.slice(0, 10).flatMap(({ text }) => wordsIn(text));
        const holds = words.length > 0 && words.every((word) => word === "plain");
        const found = await find(store, [room], terms);
        const wordsOnly = terms.every(({ kind, text }) => kind === "word" && wordsIn(text).length <= 1);
        if (wordsOnly) expect(found).toEqual(holds ? ["plain"] : []);
        else if (!words.every((word) => "plain".startsWith(word))) expect(found).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test("room and author ids are not part of the query language", async () => {
    const store = shared();
    const room = await roomIn(store);
    await posted(store, room, "nothing like it");
    for (const id of ['" OR "every', "*", "", "') --", "every"]) {
      expect(await find(store, [id], word("nothing"))).toEqual([]);
      expect(await find(store, [room], word("nothing"), { from: id })).toEqual([]);
    }
  });
});

test("a search examines a limited number of messages and continues at its cursor", async () => {
  const store = shared();
  const [room, elsewhere] = [await roomIn(store), await roomIn(store)];
  const rare = await posted(store, room, "rare and common");
  await until(() => Date.now() > rare.createdAt);
  await Promise.all(Array.from({ length: 5_300 }, () => post(store, elsewhere, "common")));
  // A message that is not indexed yet is not examined, and a search waits for the viewer's own only for half a second.
  await until(async () => !(await store.search.hasUnindexed()));
  const nowhere = Array.from({ length: 120 }, (_, i) => `nowhere${i}`);
  const old = { before: rare.createdAt + 1 };
  for (const rooms of [
    [elsewhere, room],
    [...nowhere, elsewhere, room],
    [elsewhere, ...nowhere, room],
  ]) {
    const found: string[] = [];
    let cursor: string | null | undefined;
    for (let page = 0; page < 10 && cursor !== null; page += 1) {
      const some = await store.search.find(searchFor(rooms, word("common"), { ...old, ...(cursor && { cursor }) }));
      if (page === 0) expect(some).toEqual({ found: [], cursor: expect.any(String), tookMs: expect.any(Number) });
      found.push(...(some?.found.map(({ body }) => body) ?? []));
      cursor = some?.cursor ?? null;
    }
    expect(found).toEqual(["rare and common"]);
  }
  for (const rooms of [[room], [...nowhere, room]]) {
    const page = await store.search.find(searchFor(rooms, word("common")));
    expect(page, "says nothing of other rooms").toMatchObject({ found: [{ body: "rare and common" }], cursor: null });
    const nothing = await store.search.find(searchFor(rooms, word("common"), { before: rare.createdAt }));
    expect(nothing, "says nothing of other rooms").toMatchObject({ found: [], cursor: null });
  }
});

test("pages of many rooms continue each other, and are those of the same search in few rooms", async () => {
  const store = shared();
  const rooms = await Promise.all(Array.from({ length: 7 }, (_, i) => roomIn(store, `Room ${i}`)));
  const hidden = await roomIn(store);
  for (let i = 0; i < 40; i += 1) {
    await Promise.all([...rooms.slice(0, 1 + (i % 7)), hidden].map((room) => post(store, room, `paged ${i}`)));
  }
  await until(async () => !(await store.search.hasUnindexed()));
  const spread = rooms.flatMap((room, i) => [room, ...Array.from({ length: 40 }, (_, n) => `nowhere${i}x${n}`)]);
  const read = async (searched: readonly string[]) => {
    const pages: unknown[] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const more = { limit: 15, ...(cursor && { cursor }) };
      const page = await store.search.find(searchFor(searched, word("paged"), more));
      if (page === undefined) throw new Error("expected a page");
      pages.push([page.found.map(({ id }) => id), page.cursor]);
      cursor = page.cursor;
    }
    return pages;
  };
  const pages = await read(rooms);
  expect(pages.length).toBeGreaterThan(5);
  expect(await read(spread)).toEqual(pages);
});

test("every message that is found has at least one part that the page marks, whatever letters, marks and scripts it is of", async () => {
  const store = shared();
  const room = await roomIn(store);
  const letters = [
    ..."aAßøłæﬁİıſςΣσ ,.-'*\u00ad\u200b\u200d\u0301\u0327\u0308\u3099ﾞﾟｶﾊﾀｰガ가각\u1100\u1161ﾡ広場ไทยمُحـّ١२🇩🇪🇫❤\ufe0f👍🏽й\u0306",
    " lodz",
    " Łódź",
    " straße",
    " STRASSE",
    " محمد",
    " ｆｕｌｌ",
  ];
  const piece = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...letters) },
    fc.string({ unit: "grapheme", maxLength: 2 }),
    fc.string({ unit: "binary", maxLength: 1 }).filter((text) => text.isWellFormed()),
  );
  const body = fc.array(piece, { minLength: 1, maxLength: 12 }).map((pieces) => pieces.join(""));
  const bodies = fc.sample(body, 300).filter((text) => text.trim() !== "");
  await Promise.all(bodies.map((text) => post(store, room, text)));
  let foundCount = 0;
  const part = fc.record({ of: fc.constantFrom(...bodies), from: fc.nat(12), length: fc.nat(8), star: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 2 }), async (parts) => {
      const query = parts
        .map(({ of, from, length, star }) => of.slice(from, from + 1 + length) + (star ? "*" : ""))
        .join(" ");
      const terms = readQuery(query).flatMap((read) => (read.kind === "term" ? [read.term] : []));
      if (terms.length === 0) return;
      for (const found of await find(store, [room], terms)) {
        foundCount += 1;
        expect(findMatches(found, query), JSON.stringify({ found, query })).not.toEqual([]);
      }
    }),
    { numRuns: 400 },
  );
  expect(foundCount).toBeGreaterThan(100);
});
