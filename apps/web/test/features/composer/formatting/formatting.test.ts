import { expect, test } from "vitest";
import { applyFormat, type Format, findFormat } from "../../../../src/features/composer/formatting/formatting.ts";

/** Applies a format to the selection, which is written in brackets, and writes the result in the same way. */
function formatted(marked: string, format: Format): string {
  const from = marked.indexOf("⟨");
  const to = marked.indexOf("⟩") - 1;
  const text = marked.replace(/[⟨⟩]/g, "");
  const edit = applyFormat(text, { from, to }, format);
  const result = text.slice(0, edit.from) + edit.insert + text.slice(edit.to);
  const [start, end] = edit.selection;
  return `${result.slice(0, start)}⟨${result.slice(start, end)}⟩${result.slice(end)}`;
}

test.each([
  ["a ⟨word⟩ b", "bold", "a **⟨word⟩** b"],
  ["a **⟨word⟩** b", "bold", "a ⟨word⟩ b"],
  ["a ⟨**word**⟩ b", "bold", "a ⟨word⟩ b"],
  ["a⟨ word ⟩b", "italic", "a _⟨word⟩_ b"],
  ["a ⟨⟩", "bold", "a **⟨⟩**"],
  ["a **⟨⟩**", "bold", "a ⟨⟩"],
  ["**_⟨word⟩_**", "bold", "_⟨word⟩_"],
  ["⟨**_word_**⟩", "italic", "⟨**word**⟩"],
  ["*⟨word⟩*", "italic", "⟨word⟩"],
  ["⟨**a** and **b**⟩", "bold", "**⟨a and b⟩**"],
  ["a **b⟨⟩**", "bold", "a **b**⟨⟩"],
  ["⟨- one⟩", "bold", "- **⟨one⟩**"],
  ["⟨- one\n\n> two⟩", "bold", "⟨- **one**\n\n> **two**⟩"],
  ["⟨- **one**\n\n> **two**⟩", "bold", "⟨- one\n\n> two⟩"],
  ["⟨one\n**two**⟩", "bold", "⟨**one**\n**two**⟩"],
  ["a ⟨one\ntwo⟩ b", "italic", "a ⟨_one_\n_two_⟩ b"],
  ["⟨عريض⟩", "bold", "**⟨عريض⟩**"],
  ["⟨a⟩", "strikethrough", "~~⟨a⟩~~"],
  ["⟨a⟩", "spoiler", "||⟨a⟩||"],
  ["⟨a⟩", "code", "`⟨a⟩`"],
  ["x ⟨a\nb⟩", "code", "x \n```\n⟨a\nb⟩\n```"],
  ["x \n```\n⟨a\nb⟩\n```", "code", "x \n⟨a\nb⟩"],
  ["⟨```ts\na\nb\n```⟩", "code", "⟨a\nb⟩"],
  ["⟨a⟩", "link", "[a](⟨https://⟩)"],
  ["[a](⟨https://⟩)", "link", "⟨a⟩"],
  ["⟨[a](https://b.example)⟩", "link", "⟨a⟩"],
  ["⟨https://a.example⟩", "link", "[⟨⟩](https://a.example)"],
  ["⟨⟩", "link", "[⟨⟩](https://)"],
  ["⟨a\nb⟩", "quote", "⟨> a\n> b⟩"],
  ["⟨> a\n> b⟩", "quote", "⟨a\nb⟩"],
  ["x\na⟨⟩", "list", "x\n- a⟨⟩"],
  ["⟨a\nb⟩", "numbers", "⟨1. a\n2. b⟩"],
  ["⟨a\nb⟩", "tasks", "⟨- [ ] a\n- [ ] b⟩"],
  ["⟨- [ ] a\n- [x] b⟩", "tasks", "⟨a\nb⟩"],
  ["⟨1. a\n\n2. b⟩", "tasks", "⟨- [ ] a\n\n- [ ] b⟩"],
] as const)("%j, %s: %j", (marked, format, expected) => {
  expect(formatted(marked, format)).toBe(expected);
});

test("pressing a key twice leaves the text as it was", () => {
  const texts = ["⟨word⟩", "a ⟨word⟩ b", "⟨one\ntwo⟩", "⟨- one\n- two⟩", "⟨_word_⟩", "a⟨⟩", "⟨> one⟩"];
  for (const text of texts) {
    for (const format of ["bold", "italic", "strikethrough", "spoiler", "code"] as const) {
      if (format === "italic" && text.includes("_")) continue;
      expect(formatted(formatted(text, format), format).replace(/[⟨⟩]/g, ""), `${text} ${format}`).toBe(
        text.replace(/[⟨⟩]/g, ""),
      );
    }
  }
});

const NO_KEYS = { ctrlKey: false, metaKey: false, shiftKey: false, altKey: false };

function find(key: string, keys: Partial<typeof NO_KEYS>, options: { hasSelection?: boolean; isApple?: boolean } = {}) {
  const event = { key, code: `Key${key.toUpperCase()}`, ...NO_KEYS, ...keys };
  return findFormat(event, { hasSelection: true, isApple: false, ...options });
}

test("keys format, and Ctrl+K without a selection is left to the page", () => {
  const ctrl = { ctrlKey: true };
  expect(["b", "I", "e", "k"].map((key) => find(key, ctrl))).toEqual(["bold", "italic", "code", "link"]);
  expect(find("X", { ...ctrl, shiftKey: true })).toBe("strikethrough");
  expect(find("x", ctrl)).toBeUndefined();
  expect(find("k", ctrl, { hasSelection: false })).toBeUndefined();
  expect(find("b", {})).toBeUndefined();
  expect(find("b", { ...ctrl, altKey: true })).toBeUndefined();
});

test("on a Mac, Cmd formats, and Ctrl moves the caret", () => {
  expect(find("e", { metaKey: true }, { isApple: true })).toBe("code");
  expect(find("e", { ctrlKey: true }, { isApple: true })).toBeUndefined();
  expect(find("b", { metaKey: true })).toBeUndefined();
});

test("a keyboard with other letters formats with the same keys", () => {
  const event = { ...NO_KEYS, key: "لا", code: "KeyB", ctrlKey: true };
  expect(findFormat(event, { hasSelection: true, isApple: false })).toBe("bold");
});
