import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";

// The type check covers the files. One needs React, so it is among the tests of the web client.
test.each([
  ["ts", "overview.ts"],
  ["tsx", "../../../../apps/web/test/readme/conversation.tsx"],
  ["ts", "bot.ts"],
])("the README shows %s %s unchanged", async (language, file) => {
  const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
  const source = await readFile(new URL(file, import.meta.url), "utf8");
  expect(readme).toContain(`\`\`\`${language}\n${source}\`\`\``);
  expect(readme.match(/```tsx?\n/g)).toHaveLength(3);
});
