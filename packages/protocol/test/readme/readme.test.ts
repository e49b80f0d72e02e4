import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { checkMessage, describe, highlight, reconnect } from "./read-frame.ts";

test("the README shows its program unchanged", async () => {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const source = await readFile(new URL("read-frame.ts", import.meta.url), "utf8");
  expect(readme).toContain(`\`\`\`ts\n${source}\`\`\``);
});

test("the README lists the entry points", async () => {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const manifest = await readFile(new URL("../../package.json", import.meta.url), "utf8");
  const { exports } = JSON.parse(manifest) as { exports: Record<string, unknown> };
  const expected = Object.keys(exports).filter((path) => path !== "./package.json");
  const listed = [...readme.matchAll(/^\| `@multichat\/protocol(\/?[a-z]*)` \|/gm)].map(([, path]) => `.${path}`);
  expect(listed).toEqual(expected);
});

test("the README's program works", () => {
  const command = { id: 7, do: "message.send", room: 1, clientId: "a1" };
  expect(checkMessage({ ...command, body: "hello" })).toBe("hello");
  expect(checkMessage({ ...command, body: "x".repeat(2_001) })).toBe("expected at most 2000 characters");
  const message = { author: { username: "alice" }, body: "**ship** it" };
  // Only what the program reads.
  expect(describe({ on: "message.posted", message } as never)).toBe("alice: ship it");
  expect(highlight("Ship it", "ship")).toEqual([{ from: 0, to: 4 }]);
  expect(reconnect(1006)).toBe("backoff");
});
