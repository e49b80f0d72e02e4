import { readFileSync } from "node:fs";
import { errorCodes } from "@multichat/channels/layer";
import { expect, it } from "vitest";

it("the reference of errors and the table of errors list the same codes", () => {
  const reference = readFileSync(new URL("../../../../docs/reference/errors.md", import.meta.url), "utf8");
  const documented = [...reference.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map(([, code]) => code);
  expect(documented.toSorted()).toEqual([...errorCodes].toSorted());
});
