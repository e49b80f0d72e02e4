import { beforeAll, describe, expect, test } from "vitest";
import { CodeHighlighter, type HighlightRequest, type HighlightWorker } from "../../src/markup/code-highlighter.ts";
import { CODE_LANGUAGES, findCodeLanguage } from "../../src/markup/code-names.ts";
import { highlight, loadHighlighting } from "../../src/markup/highlight.ts";

beforeAll(async () => {
  expect(highlight("a", "ts")).toBeUndefined();
  for (const language of CODE_LANGUAGES) expect(await loadHighlighting(language)).toBe(true);
});

/** Returns the pieces with a color in a short notation. */
const read = (code: string, language: string): string =>
  (highlight(code, language) ?? []).map(({ text, kind }) => (kind === "" ? text : `<${kind} ${text}>`)).join("");

test.each([
  ["const a = 1; // one", "ts", "<keyword const> a = <number 1>; <comment // one>"],
  ['print("x")', "PY", '<keyword print>(<string "x">)'],
  ["+ a\n- b", "patch", "<added + a>\n<removed - b>"],
  ["<b>x</b>", "html", "<keyword <><keyword b><keyword >>x<keyword </><keyword b><keyword >>"],
  ["SELECT 1", "sql", "<keyword SELECT> <number 1>"],
])("colors %j as %s", (code, language, expected) => {
  expect(read(code, language)).toBe(expected);
});

test.each(["", "text", "nonsense", "constructor", "__proto__"])("does not color the language %j", async (language) => {
  expect(findCodeLanguage(language)).toBeUndefined();
  expect(await loadHighlighting(language)).toBe(false);
  expect(highlight("a", language)).toBeUndefined();
});

const SAMPLE = `/* a */ # b -- c <a b="c">d</a> function f(x) { return "\\"" + 'y' * 0x1f; } @g [h](i) $j \`k\` 50%\n\n- l: m\n+ n\t{{o}}\n`;

test.each(CODE_LANGUAGES)("%s keeps every character", (language) => {
  expect(
    highlight(SAMPLE, language)
      ?.map(({ text }) => text)
      .join(""),
  ).toBe(SAMPLE);
});

test("longer code has no colors", () => {
  expect(highlight("a".repeat(10_001), "ts")).toBeUndefined();
});

describe("the worker", () => {
  /** Answers by hand. */
  class ManualWorker implements HighlightWorker {
    onmessage: HighlightWorker["onmessage"] = null;
    onerror: HighlightWorker["onerror"] = null;
    isEnded = false;
    readonly requests: HighlightRequest[] = [];

    postMessage(request: HighlightRequest): void {
      this.requests.push(request);
    }

    terminate(): void {
      this.isEnded = true;
    }

    start(): void {
      this.onmessage?.({ data: { id: this.requests.at(-1)?.id ?? 0, phase: "started" } });
    }

    finish(text: string): void {
      this.start();
      const id = this.requests.at(-1)?.id ?? 0;
      this.onmessage?.({ data: { id, phase: "done", pieces: [{ text, kind: "" }] } });
    }
  }

  function createHighlighter() {
    const workers: ManualWorker[] = [];
    const highlighter = new CodeHighlighter(() => {
      const worker = new ManualWorker();
      workers.push(worker);
      return worker;
    });
    return { highlighter, workers };
  }

  test("is given one block after the other, and none twice", async () => {
    const { highlighter, workers } = createHighlighter();
    const [first, second] = [highlighter.highlight("a", "ts"), highlighter.highlight("b", "ts")];
    expect(workers[0]?.requests.map(({ code }) => code)).toEqual(["a"]);
    workers[0]?.finish("a");
    workers[0]?.finish("b");
    expect(await first).toEqual([{ text: "a", kind: "" }]);
    expect(await second).toEqual([{ text: "b", kind: "" }]);
    expect(await highlighter.highlight("a", "ts")).toEqual([{ text: "a", kind: "" }]);
    expect(workers[0]?.requests).toHaveLength(2);
  });

  test("is ended where a block takes too long, which is tried again when no other block waits", async () => {
    const { highlighter, workers } = createHighlighter();
    const slow = highlighter.highlight("a", "ts");
    const next = highlighter.highlight("b", "ts");
    workers[0]?.start();
    await expect.poll(() => workers.length).toBe(2);
    expect(workers[0]?.isEnded).toBe(true);
    expect(highlighter.getCached("a", "ts")).toBeNull();
    workers[1]?.finish("b");
    expect(await next).toEqual([{ text: "b", kind: "" }]);
    workers[1]?.finish("a");
    expect(await slow).toEqual([{ text: "a", kind: "" }]);
    expect(highlighter.getCached("c", "ts")).toBeNull();
  });

  test("is ended for good by a block that fails again, which stays without colors", async () => {
    const { highlighter, workers } = createHighlighter();
    const broken = highlighter.highlight("a", "ts");
    workers[0]?.onerror?.();
    workers[1]?.onerror?.();
    expect(await broken).toBeUndefined();
    expect(workers.map(({ isEnded }) => isEnded)).toEqual([true, true]);
    expect(highlighter.getCached("a", "ts")).toBeUndefined();
    const next = highlighter.highlight("b", "ts");
    workers[2]?.finish("b");
    expect(await next).toEqual([{ text: "b", kind: "" }]);
  });

  test("has a bounded queue, of which the oldest blocks stay without colors", async () => {
    const { highlighter } = createHighlighter();
    const all = Array.from({ length: 60 }, (_, index) => highlighter.highlight(`${index}`, "ts"));
    expect(await Promise.all(all.slice(1, 10))).toEqual(Array.from({ length: 9 }, () => undefined));
  });
});
