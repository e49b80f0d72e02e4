import { readFileSync } from "node:fs";
import { AUDIT_ACTIONS } from "@multichat/protocol";
import { expect, test } from "vitest";

const page = readFileSync(new URL("../../../../docs/operations/audit-log.md", import.meta.url), "utf8");

test("the page about the audit log lists exactly the recorded actions, in their order", () => {
  const rows = [...page.matchAll(/^\| `([a-z.-]+)` \| [^|]+\|/gm)].map(([, action]) => action);
  expect(rows).toEqual([...AUDIT_ACTIONS]);
});
