import { describe, expect, test } from "vitest";
import { parseMarkup, toPlainText } from "../../src/markup/index.ts";
import { makeSchemas } from "../../src/schemas.ts";
import { cpuTimeMs } from "../support/cpu-time.ts";
import { read } from "./notation.ts";

describe("a face with a backslash keeps its eyes, arms and hands", () => {
  test.each([
    "\\(_o_)/",
    "\\(_x_)/",
    "\\(_-_)/",
    "\\(__)/",
    "\\(^_^)/ \\(^_^)/",
    "\\(*_*)/",
    "\\(*o*)/",
    "\\(*^_^*)/ \\(*^_^*)/",
    "\\(~~o~~)/",
    "\\（_o_）/",
    "yes! \\(_o_)/ really",
    "\\m/_(>_<)_\\m/",
    "\\m/(_o_)\\m/",
    "\\m/_(^_^)_\\m/ \\m/",
    "\\_o< \\_o<",
    "\\_O< quack \\_x>",
    "\\(o_o)/ and \\(o_o)/",
  ])("%s", (text) => {
    expect(read(text)).toBe(text);
    expect(toPlainText(parseMarkup(text))).toBe(text);
  });

  test.each(["^_^ and ^_^", ">_< >_<", "-_- no -_-", "=_= =_=", ";_; ;_;"])("one without: %s", (text) => {
    expect(read(text)).toBe(text);
  });

  test.each([
    ["**\\(_o_)/**", "<strong \\(_o_)/>"],
    ["\\(_o_)/ _yes_", "\\(_o_)/ <emphasis yes>"],
    ["_so_ \\(^_^)/", "<emphasis so> \\(^_^)/"],
    ["(_a_)", "(<emphasis a>)"],
    ["-_a_-", "-<emphasis a>-"],
  ])("and markup around it is markup: %s", (text, expected) => expect(read(text)).toBe(expected));
});

describe("what would show nothing is shown as it was typed", () => {
  test.each([">", "> ", ">\n>", "` `", "``  ``", "```\n```", "~~~\n~~~", "~~~\n\n \n~~~", "a\n\n```\n```\n\nb"])(
    "%j",
    (text) => {
      expect(toPlainText(parseMarkup(text)).replaceAll(/\s/g, "")).toBe(text.replaceAll(/\s/g, ""));
    },
  );

  test.each([
    ["> >", "{quote >}"],
    ["> > >", "{quote {quote >}}"],
    ["- >", "{- >}"],
    ["1. >", "{1 >}"],
    ["> ` `", "{quote ` `}"],
    ["> ```\n> ```", "{quote ```\n```}"],
    ["- > >", "{- {quote >}}"],
    ["> a\n>\n> b", "{quote a / b}"],
    ["a ` ` `b`", "a ` ` <code b>"],
    ["```\n```\n```\nx\n```", "```\n``` / {code |x}"],
  ])("inside other markup: %j", (text, expected) => {
    const shown = read(text).replaceAll("a\n\nb", "a / b");
    expect(shown).toBe(expected);
  });

  test("so whatever the server accepts shows something", () => {
    const { "message.send": schema } = makeSchemas().commands;
    const signs = [">", " ", "`", "-", "\n", "*", "_", "~", "#", "|", "1.", "\u200b", "[", "]", "\\"];
    for (const a of signs) {
      for (const b of signs) {
        for (const c of signs) {
          for (const body of [a + b + c, `${a}${b}${c}${a}`, `${a} ${b}\n${c}`]) {
            const { success } = schema.safeParse({ id: 1, do: "message.send", room: 1, clientId: "a", body });
            if (!success) continue;
            expect(toPlainText(parseMarkup(body)).trim(), JSON.stringify(body)).not.toBe("");
          }
        }
      }
    }
  });
});

test.each([
  ["f&ouml;&ouml;", "föö"],
  ["&#102;&#246;&#xf6;", "föö"],
  ["&#X46;", "F"],
  ["a&amp;b", "a&b"],
  ["&lt;&gt;&quot;", '<>"'],
  ["&AElig;&szlig;&yuml;&eacute;", "Æßÿé"],
  ["c\\+\\+", "c++"],
  ["\\&ouml;", "&ouml;"],
  ["&nosuch;", "&nosuch;"],
  ["&ouml", "&ouml"],
  ["&#0;", "\ufffd"],
  ["&#xd800;", "\ufffd"],
  ["&#9999999;", "\ufffd"],
  ["&#x1f600;", "😀"],
  ["js title=&quot;x&quot;", "js"],
])("the language of a fence is read without its escapes: %s", (info, language) => {
  for (const fence of ["```", "~~~"]) {
    expect(parseMarkup(`${fence}${info}\nx\n${fence}`)).toEqual([{ kind: "code", text: "x", language }]);
  }
});

test.each([
  ["\\\\@alice", "\\<@alice>"],
  ["\\\\\\@alice", "\\@alice"],
  ["\\\\\\\\@alice", "\\\\<@alice>"],
  ["hi \\\\@alice!", "hi \\<@alice>!"],
  ["(\\\\@alice)", "(\\<@alice>)"],
  ["你好\\\\@alice", "你好\\<@alice>"],
  ["\\\\＠alice", "\\<＠alice>"],
  ["*\\\\@alice*", "<emphasis \\<@alice>>"],
  ["> \\\\@alice", "{quote \\<@alice>}"],
  ["\\@alice", "@alice"],
  ["\\\\server\\share", "\\\\server\\share"],
  ["\\\\ @alice", "\\\\ <@alice>"],
])("a backslash before another one escapes it before a mention: %s", (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([">\n", "> > >\n", "- >\n", "` ` ", "```\n```\n", "\\(", "\\(_o_)/", "\\m/_", "\\\\", "^_^", "~~~\n\n"])(
  "takes linear time for many times %j",
  (unit) => {
    const time = (length: number) => {
      const text = unit.repeat(length / unit.length);
      return cpuTimeMs(() => parseMarkup(text));
    };
    time(20_000);
    const best = (length: number) => Math.min(...Array.from({ length: 3 }, () => time(length)));
    // Sixteen times as much text would take 256 times as long in quadratic time.
    expect(best(320_000)).toBeLessThan(100 * Math.max(1, best(20_000)));
  },
);
