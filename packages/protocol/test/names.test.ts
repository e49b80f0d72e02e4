import { describe, expect, test } from "vitest";
import { makeSchemas } from "../src/schemas.ts";

const { fields, commands } = makeSchemas();
const accepts = (name: string) => fields.username.safeParse(name).success;

describe("usernames: letters of every script, with their marks", () => {
  test.each([
    ...["alice", "Alice_2", "jean-luc", "a.b", "x", "7up", "José", "Łukasz", "Straße", "ılgaz", "Nguyễn"],
    ...["हिन्दी", "प्रिया", "தமிழ்", "கார்த்திக்", "ਪੰਜਾਬੀ", "ਗੁਰਪ੍ਰੀਤ", "สมชาย", "น้ำ", "ທ້າວ", "שָׁלוֹם", "דוד"],
    ...["محمد", "سَلام", "Иван", "Ёлка", "Йозеф", "Γιώργος", "田中", "たなか", "タナカ", "김철수", "李雷", "ㄅㄆㄇ"],
    ...["Ιωάννης", "Արամ", "გიორგი", "বাংলা", "ગુજરાતી", "ಕನ್ನಡ", "മലയാളം", "සිංහල", "తెలుగు", "ខ្មែរ", "မြန်မာ"],
    ...["Alice田中", "XJAPANファン", "김alice", "alice-الأول", "bobहिन्दी", "田中3", "イチロー51", "ᏣᎳᎩ"],
  ])("%s, composed and decomposed", (name) => {
    expect(fields.username.parse(name.normalize("NFD"))).toBe(fields.username.parse(name));
  });

  test("a full-width name is the usual one", () => {
    expect(fields.username.parse("Ａｌｉｃｅ１")).toBe("Alice1");
    expect(fields.username.parse("ﾀﾅｶ")).toBe("タナカ");
  });
});

describe("usernames that mislead are refused", () => {
  test.each(["أحمدـ", "أحـمد", "مـ", "ߊߺ", "ߺߊ", "가〮", "가〯", "たな〱", "た〲", "〳た", "た〴", "た〵", "た〻"])(
    "one with a letter that only lengthens or repeats: %s",
    (name) => {
      expect(accepts(name)).toBe(false);
    },
  );

  const invisible = [
    0xad, 0x34f, 0x61c, 0x115f, 0x1160, 0x17b4, 0x180b, 0x180e, 0x200b, 0x200c, 0x200d, 0x200e, 0x200f,
  ];
  invisible.push(0x202a, 0x202d, 0x202e, 0x2060, 0x2066, 0x2069, 0x2800, 0x3164, 0xfe0f, 0xfeff, 0xffa0, 0xfff9);
  invisible.push(0x16fe4, 0x1d173, 0xe0001, 0xe0061, 0xe0100);
  test.each(invisible.map((code) => `U+${code.toString(16)}`))("the invisible %s anywhere", (code) => {
    const character = String.fromCodePoint(Number.parseInt(code.slice(2), 16));
    for (const name of [`${character}alice`, `al${character}ice`, `alice${character}`, character]) {
      expect(accepts(name), JSON.stringify(name)).toBe(false);
    }
  });

  test("every default-ignorable or control character of Unicode", () => {
    const HIDDEN = /[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Cc}\p{White_Space}\p{Cs}\p{Co}\p{Cn}]/u;
    const accepted: string[] = [];
    for (let code = 0; code <= 0x10ffff; code += 1) {
      const character = String.fromCodePoint(code);
      if (HIDDEN.test(character) && accepts(`a${character}b`)) accepted.push(code.toString(16));
    }
    expect(accepted).toEqual([]);
  });

  test.each([
    ...["аlice", "alicе", "pаypal", "Αlice", "аdmin", "adмin", "bοb", "Иvan", "aλpha", "кofe", "αбв", "田中Иван"],
    ...["한たな", "ㄅたな", "Ꭺlice", "دавид", "हিन्दी", "தমிழ்", "ⲁlice"],
  ])("a mix of scripts: %s", (name) => {
    expect(accepts(name)).toBe(false);
  });

  test.each(["ﬁona", "𝓪lice", "Ⅷ", "x²", "①", "ℓice", "🅰lice", "ª", "㍿", "ǆ", "℡"])("a variant form: %s", (name) => {
    expect(accepts(name)).toBe(false);
  });

  test.each(["1৪", "a1٣", "२3", "๓3"])("digits of two systems: %s", (name) => expect(accepts(name)).toBe(false));

  test.each([
    ...[
      "",
      " ",
      ".alice",
      "-a",
      "_a",
      "́alice",
      "a b",
      "a@b",
      "a/b",
      "a\u0301\u0301",
      "a\u0301\u0302\u0303\u0304\u0306",
    ],
    ...["alice😀", "<b>", "a\nb", "a\u0000", "\ud800", "a\u20dd", "a".repeat(1_000), `a${".".repeat(60_000)}!`],
  ])("no letters: %j", (name) => expect(accepts(name)).toBe(false));
});

describe("a text of invisible characters alone is empty", () => {
  const BLANKS = ["", " ", "\n\t", "\u00a0", "\u00ad", "\u034f", "\u115f", "\u180e", "\u200b", "\u200b\u200d \u2060"];
  BLANKS.push(
    "\u2028",
    "\u202e",
    "\u2062",
    "\u2800",
    "\u3000",
    "\u3164",
    "\ufe0f",
    "\ufeff",
    "\uffa0",
    "\ufffb",
    "\u{e0041}",
  );
  BLANKS.push("\u061c", "\u{1d159}", "\u{1d173}", "\u{16fe4}", "\u17b4");
  test.each(BLANKS)("%j as message, title, topic, status and search", (blank) => {
    expect(fields.body.safeParse(blank).success).toBe(false);
    expect(fields.title.safeParse(blank).success).toBe(false);
    expect(fields.topic.parse(blank)).toBe("");
    expect(commands["presence.set"].parse({ id: 1, do: "presence.set", status: "online", text: blank }).text).toBe("");
    expect(commands["message.search"].safeParse({ id: 1, do: "message.search", query: blank }).success).toBe(false);
  });

  test.each(BLANKS.filter((blank) => /^\S+$/u.test(blank)))("%j inside markup as message", (blank) => {
    const wrapped = [
      `**${blank}**`,
      `_${blank}_`,
      `~~${blank}~~`,
      `\`${blank}\``,
      `> ${blank}`,
      `> > **${blank}**\n> ${blank}`,
    ];
    wrapped.push(`\`\`\`\n${blank}\n\`\`\``, `***${blank}***`, ` \n**${blank}** `, `${blank}**${blank}**`);
    for (const text of wrapped) expect(fields.body.safeParse(text).success, JSON.stringify(text)).toBe(false);
  });

  test.each([
    "**",
    "***",
    "*_*",
    ">",
    "``",
    "~",
    "**\u200ba**",
    "**\u200b",
    "\u200b*",
    "- \u200b",
    "\u200b@",
    "*\u3164* x",
  ])("%j shows its signs or its text", (text) => expect(fields.body.parse(text)).toBe(text));

  test.each(["a", "\u200ba", ".", "́", "❤️", "👨‍👩‍👧", "۝", "؀", "🇩🇪"])("%j is not", (text) => {
    expect(fields.body.parse(text)).toBe(text);
  });
});

describe("room titles", () => {
  test.each([
    ...["General", "Команда DevOps", "Ελληνικά and English", "می‌خواهم", "क्‍ष", "👨‍👩‍👧 Family", "I ❤️ tea", "🏴󠁧󠁢󠁳󠁣󠁴󠁿 Scots"],
    ...["C++ & C#", "v2.0 – 日本語チーム", "שָׁלוֹם", "น้ำ", "Room 7", "¯\\_(ツ)_/¯", "½ price", "Ünïcödé", "x²"],
  ])("may be %j", (title) => expect(fields.title.safeParse(title).success).toBe(true));

  test.each([
    ...[
      "Gеneral",
      "Generаl chat",
      "\u202eGeneral",
      "Gene\u200bral",
      "\u2066x\u2069",
      "Gen\u00aderal",
      "a\u200db",
      "x\ufe0f",
    ],
    // A mark without a letter is drawn on what stands before it.
    ...[
      "\u0301",
      "\u0301tea",
      "tea \u0327room",
      "tea-\u0308room",
      "(\u0300)",
      "\u20dd",
      "tea \u20e3",
      "\u093f",
      "\u0e31 x",
      "\u05b8",
    ],
    ...["Z\u0301\u0302\u0303\u0304\u0306algo", "Αlpha", "a\u3164b", "a\u2800b", "Staff\u{e0041}", "\u061cGeneral"],
  ])("may not be %j", (title) => expect(fields.title.safeParse(title).success).toBe(false));
});

describe("a line of text holds no tabs, line ends, controls or invisible characters", () => {
  const lines = [
    (text: string) => fields.title.safeParse(text).success,
    (text: string) => fields.topic.safeParse(text).success,
    (text: string) => commands["presence.set"].safeParse({ id: 1, do: "presence.set", status: "online", text }).success,
  ];
  const CONTROLS = [
    ...Array.from({ length: 32 }, (_, code) => code),
    ...Array.from({ length: 33 }, (_, n) => 0x7f + n),
  ];

  test.each(CONTROLS.map((code) => [`U+${code.toString(16).padStart(4, "0")}`, String.fromCodePoint(code)]))(
    "%s",
    (_name, control) => {
      for (const isAccepted of lines) expect(isAccepted(`tea${control}room`)).toBe(false);
    },
  );

  test.each(["\u2028", "\u2029"])("the line end %j", (end) => {
    for (const isAccepted of lines) expect(isAccepted(`tea${end}room`)).toBe(false);
  });

  test.each([
    ...["\u00ad", "\u034f", "\u061c", "\u115f", "\u17b4", "\u180e", "\u200b", "\u200e", "\u200f", "\u202a", "\u202e"],
    ...[
      "\u2060",
      "\u2063",
      "\u2066",
      "\u2069",
      "\u206a",
      "\u3164",
      "\ufeff",
      "\uffa0",
      "\ufff9",
      "\u{1d173}",
      "\u{e0041}",
    ],
  ])("the invisible character %j in a title and a topic", (invisible) => {
    expect(fields.title.safeParse(`tea${invisible}room`).success).toBe(false);
    expect(fields.topic.safeParse(`tea${invisible}room`).success).toBe(false);
  });

  test.each(["Tea 🫖 and 👩‍👩‍👧‍👦", "می‌خواهم", "क्‍ष", "🏴󠁧󠁢󠁥󠁮󠁧󠁿 news", "I ❤️ it", "Tea\u00a0room", "茶\u3000室", "a — b … c"])(
    "but what words and emoji need: %s",
    (text) => {
      for (const isAccepted of lines) expect(isAccepted(text)).toBe(true);
    },
  );

  test("tabs and line ends around a line are removed", () => {
    expect(fields.title.parse("\t Tea\n")).toBe("Tea");
    expect(fields.topic.parse("\n about tea\t")).toBe("about tea");
    expect(fields.topic.parse("\t")).toBe("");
  });
});

describe("usernames that pass for others are refused", () => {
  test.each([
    ...["ᴀᴅᴍɪɴ", "ᴀʟʟ", "ᴍᴇ", "ꜱᴛᴀꜰꜰ", "ʀᴏᴏᴛ", "ᴀʟɪᴄᴇ", "aʟice", "ᴛeam", "ꜰred", "ʙob", "ɢina", "ᴢoe"],
    ...[
      "aliceˌ",
      "aliceˑ",
      "aliceˈ",
      "aliceː",
      "aliceˀ",
      "alˎice",
      "aliceǃ",
      "ǀlice",
      "ǁ",
      "aliceʼ",
      "ʻalice",
      "aliceꜗ",
    ],
  ])("small capitals, modifier letters and clicks: %s", (name) => expect(accepts(name)).toBe(false));

  test.each([
    ...["a̶d̶m̶i̶n̶", "a̲lice", "ad̸min", "al\u05b0ice", "alice\u0e31", "a\u093cb", "田\u3099", "a͡b", "a̅lice", "a⃝b"],
    ...[
      "1\u0301",
      "ali\u0307ce",
      "al\u0307ice",
      "अ\u0301",
      "א\u0301",
      "한\u0301",
      "a\u064eb",
      "ს\u0e49",
      "abc\u0bcd",
      "д\u05b8",
    ],
  ])("marks that strike through, and marks of another script: %s", (name) => expect(accepts(name)).toBe(false));

  test.each(["אalice", "مalice", "אבalice123", "123א", "א1a", "1مدير", "אב-alice", "٣أحمد", "ދa", "א.b"])(
    "letters that change places with what is beside them: %s",
    (name) => expect(accepts(name)).toBe(false),
  );

  test.each([
    ...["Kaʻiulani", "Oʼzbek", "Əli", "Ɓala", "Ŋgoma", "Ọlá", "Ẹ̀kọ́", "İlker", "Đặng", "ʃa", "o͘a", "Ћирић", "Й\u0301ка"],
    ...[
      "がく",
      "パン",
      "ヴ",
      "שָׁלוֹם",
      "سَلام",
      "สมชาย",
      "กิ๊ก",
      "ខ្មែរ",
      "नुक़्ता",
      "ড়া",
      "alice-الأول",
      "אב12",
      "محمد3",
      "コーヒー",
    ],
  ])("but not what languages write: %s", (name) => {
    expect(accepts(name)).toBe(true);
    expect(fields.username.parse(name.normalize("NFD"))).toBe(fields.username.parse(name));
  });
});

describe("titles and topics in every spelling of emoji and letters", () => {
  test.each([
    ...["☕️ x", "⚽️", "⚡️", "⭐️", "⛔️", "❗️", "☎︎ calls", "✔︎ done", "☕︎", "☎️", "⌚︎ and ⌚️", "©️ law"],
    ...["葛󠄀城市", "辻󠄀さん", "神︀社", "അവന്‍", "അവന്‍ വരും", "ന്‍-", "ক্‍", "ක්‍", "می‌خواهم"],
  ])("%s stays as it is", (line) => {
    expect(fields.title.parse(line)).toBe(line.normalize("NFC"));
    expect(fields.topic.parse(line)).toBe(line.normalize("NFC"));
  });

  test.each([
    ["🏳‍🌈", "🏳️‍🌈"],
    ["👁‍🗨 x", "👁️‍🗨️ x"],
    ["🕵‍♂️", "🕵️‍♂️"],
    ["a ❤‍🔥", "a ❤️‍🔥"],
    ["🏳‍⚧", "🏳️‍⚧️"],
    ["🏴‍☠", "🏴‍☠️"],
    ["👩‍⚕", "👩‍⚕️"],
    ["🧔🏽‍♂", "🧔🏽‍♂️"],
    ["⛹‍♀", "⛹️‍♀️"],
    ["👩‍❤‍👨", "👩‍❤️‍👨"],
    ["🏳‍🌈🏳‍🌈", "🏳️‍🌈🏳️‍🌈"],
  ])("%s is written in full", (line, qualified) => {
    expect(fields.title.parse(line)).toBe(qualified);
    expect(fields.topic.parse(line)).toBe(qualified);
  });

  test.each([
    "a\ufe0f",
    "1\ufe0e",
    "x\u{e0100}",
    "का\ufe00",
    "😀\u200d",
    "ന്\u200d\u200d",
    "a\u200d😀",
    "क\u200d",
    "\u200d葛",
    "田\ufe0f",
  ])("%j hides something", (line) => {
    expect(fields.title.safeParse(line).success).toBe(false);
    expect(fields.topic.safeParse(line).success).toBe(false);
  });

  test("are composed before their characters are counted", () => {
    const line = "Tiếng Việt ".repeat(7).trim();
    expect([...line.normalize("NFD")].length).toBeGreaterThan(80);
    expect(fields.title.parse(line.normalize("NFD"))).toBe(line);
    expect(fields.title.safeParse(`a${"\u0301\u0327".repeat(100_000)}`).success).toBe(false);
  });
});
