import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

test.each(["chat-protocol.ts", "chat-room.tsx"])("the README shows %s unchanged", async (file) => {
  const source = await readFile(new URL(file, import.meta.url), "utf8");
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  expect(readme).toContain(`\`\`\`${file.split(".").at(-1)}\n${source}\`\`\``);
});
