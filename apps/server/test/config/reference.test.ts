import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { configurationPage, variablesForTerminal } from "../../src/config/reference-page.ts";
import { VARIABLES } from "../../src/config/variables.ts";

const PAGE = new URL("../../../../docs/reference/configuration.md", import.meta.url);
const names = Object.values(VARIABLES).map(({ name }) => name);

test("matches the reference page (update it with vitest -u)", async () => {
  await expect(configurationPage()).toMatchFileSnapshot(PAGE.pathname);
});

test("documents exactly the variables of the code", () => {
  const documented = [...readFileSync(PAGE, "utf8").matchAll(/^\| `([A-Z_]+)` \|/gm)].map((row) => row[1]);
  expect(documented).toEqual(names);
});

test("lists every variable in the terminal help, wrapped to the width", () => {
  const help = variablesForTerminal(80);
  for (const name of names) expect(help).toContain(`  ${name}`);
  expect(help.split("\n").filter((line) => line.length > 80)).toEqual([]);
});
