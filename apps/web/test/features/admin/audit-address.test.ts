import { expect, test } from "vitest";
import {
  getAuditHref,
  NO_FILTERS,
  parseAuditQuery,
  toAuditFilter,
} from "../../../src/features/admin/audit/audit-address.ts";

test("the filters survive the address", () => {
  const form = {
    action: "person.change",
    outcome: "refused",
    actor: "ada & co",
    target: "GET /api/rooms/:room?x=1#y",
    from: "2026-08-01",
    to: "2026-08-31",
  } as const;
  const href = getAuditHref(form);
  expect(href.startsWith("/admin/audit?")).toBe(true);
  expect(parseAuditQuery(href.slice(href.indexOf("?") + 1))).toEqual(form);
  expect(getAuditHref(NO_FILTERS)).toBe("/admin/audit");
  expect(getAuditHref({ ...NO_FILTERS, actor: "  " })).toBe("/admin/audit");
});

test("what is no valid value filters nothing", () => {
  for (const query of [
    "",
    "action=nothing",
    "outcome=maybe",
    "from=yesterday",
    "to=2026-13-45",
    "from=1-2-3",
    "before=3",
  ]) {
    expect(parseAuditQuery(query), query).toEqual(NO_FILTERS);
  }
});

test("both days are included, also where the clocks change", () => {
  for (const day of ["2026-03-29", "2026-08-01", "2026-10-25", "2024-02-29", "2026-12-31"]) {
    const { since = 0, until = 0 } = toAuditFilter({ ...NO_FILTERS, from: day, to: day });
    expect(new Date(since).getHours()).toBe(0);
    expect(new Date(until).getHours()).toBe(0);
    expect(new Date(until - 1).getDate()).toBe(new Date(since).getDate());
    expect(new Date(until).getDate()).not.toBe(new Date(since).getDate());
  }
  expect(toAuditFilter(NO_FILTERS)).toEqual({});
});
