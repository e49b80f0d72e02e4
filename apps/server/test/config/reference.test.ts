import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { configurationPage, variablesForTerminal } from "../../src/config/reference-page.ts";
import { VARIABLES } from "../../src/config/variables.ts";

const PAGE = new URL("../../../../docs/reference/configuration.md", import.meta.url);
const names = Object.values(VARIABLES).map(({ name }) => name);

test("the reference page is what the table of variables says (mend it with vitest -u)", async () => {
  await expect(configurationPage()).toMatchFileSnapshot(PAGE.pathname);
});

test("the page's table and the code have the same variables, in both directions", () => {
  const told = [...readFileSync(PAGE, "utf8").matchAll(/^\| `([A-Z_]+)` \|/gm)].map((row) => row[1]);
  expect(told).toEqual(names);
});

test("the help for a terminal names every variable, in lines that fit", () => {
  const help = variablesForTerminal(80);
  for (const name of names) expect(help).toContain(`  ${name}`);
  expect(help.split("\n").filter((line) => line.length > 80)).toEqual([]);
});
