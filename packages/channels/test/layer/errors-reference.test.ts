import { readFileSync } from "node:fs";
import { errorCodes } from "@multichat/channels/layer";
import { expect, it } from "vitest";

it("the error reference lists the codes of all errors", () => {
  const reference = readFileSync(new URL("../../../../docs/reference/errors.md", import.meta.url), "utf8");
  const documented = [...reference.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map(([, code]) => code);
  expect(documented.toSorted()).toEqual([...errorCodes].toSorted());
});
