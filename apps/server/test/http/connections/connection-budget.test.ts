import { expect, test } from "vitest";
import { planConnections } from "../../../src/http/connections/connection-budget.ts";
import { parseDescriptorLimit } from "../../../src/process/descriptor-limit.ts";

const UNSET = { webSockets: null, http: null, httpPerAddress: null };

test.each([256, 400, 1_024, 4_096, 65_536, 524_288, 1_048_576])(
  "the connections of every kind together fit a limit of %i descriptors",
  (limit) => {
    const open = 45;
    const { webSockets, http, anonymousPerAddress, reserve } = planConnections(UNSET, { limit, open });
    expect(webSockets + 2 * (http + reserve) + open).toBeLessThan(limit);
    expect(reserve).toBeGreaterThanOrEqual(4);
    expect(webSockets).toBeGreaterThanOrEqual(16);
    expect(anonymousPerAddress).toBeLessThan(http);
  },
);

test("a system that does not tell its limit gets the largest defaults", () => {
  expect(planConnections(UNSET, "unknown")).toEqual({
    webSockets: 50_000,
    http: 2_048,
    anonymousPerAddress: 1_024,
    reserve: 128,
  });
});

test("configured limits that need more descriptors than there are say which variables to change", () => {
  const plan = () => planConnections({ ...UNSET, webSockets: 10_000 }, { limit: 1_024, open: 40 });
  expect(plan).toThrow(/LIMIT_WEBSOCKETS.*1024 descriptors.*ulimit -n/);
});

test.each([
  ["Max open files            400                  400                  files     \n", 400],
  ["Max cpu time  unlimited\nMax open files            1024                 524288               files\n", 1_024],
  ["Max open files            unlimited            unlimited            files\n", undefined],
  ["", undefined],
])("reads the soft limit from /proc/self/limits", (text, limit) => {
  expect(parseDescriptorLimit(text)).toBe(limit);
});
