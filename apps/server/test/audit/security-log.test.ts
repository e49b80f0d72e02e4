import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FailureLimit } from "../../src/audit/failure-limit.ts";
import { SecurityLog } from "../../src/audit/security-log.ts";
import type { AuditEntry, AuditListener, NewAuditEntry } from "../../src/store/store.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const failureOf = (part: Partial<NewAuditEntry> = {}): NewAuditEntry => ({
  action: "access.refuse",
  outcome: "refused",
  actor: null,
  target: "GET /api/settings",
  address: "192.0.2.1",
  request: "req-1",
  details: { code: "FORBIDDEN" },
  ...part,
});

const actorOf = (n: number) => ({ id: `id${n}`, username: `user${n}` });

/** An audit log in memory. */
function openLog() {
  const entries: AuditEntry[] = [];
  const lines: object[] = [];
  let listener: AuditListener = () => {};
  const audit = {
    append: async (entry: NewAuditEntry) => {
      const appended = { ...entry, n: entries.length + 1, at: Date.now(), hash: "ab" };
      entries.push(appended);
      listener(appended, { isOwn: true });
      return appended;
    },
    onAppended: (added: AuditListener) => {
      listener = added;
      return () => {};
    },
    takeOperatorEntries: async () => ({ entries: [], omitted: 0 }),
  };
  const logger = { info: (fields: object) => lines.push(fields), error: (fields: object) => lines.push(fields) };
  return {
    entries,
    lines,
    log: new SecurityLog({ store: { audit }, logger }),
    notify: (...args: Parameters<AuditListener>) => listener(...args),
  };
}

test("of one account 30 failures a minute are recorded, the others are counted at the end of the minute", async () => {
  const { entries, lines, log } = openLog();
  for (let n = 0; n < 1_000; n += 1) await log.record(failureOf({ actor: actorOf(1) }));
  expect(entries).toHaveLength(30);
  expect(lines).toHaveLength(30);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(entries).toHaveLength(31);
  expect(entries.at(-1)).toMatchObject({
    actor: actorOf(1),
    target: null,
    details: { code: "FORBIDDEN", omitted: 970 },
  });
  expect(lines).toHaveLength(31);
  await log.record(failureOf({ actor: actorOf(1) }));
  expect(entries, "the next minute").toHaveLength(32);
});

test("an IPv6 network counts as one address", async () => {
  const { entries, log } = openLog();
  for (let n = 0; n < 100; n += 1) await log.record(failureOf({ address: `2001:db8:1:2::${n.toString(16)}` }));
  expect(entries).toHaveLength(30);
});

test("of all accounts and addresses together 300 are recorded, and everything is counted", async () => {
  const { entries, lines, log } = openLog();
  const failures = 20_000;
  for (let n = 0; n < failures; n += 1) {
    const address = `198.51.${(n >> 8) & 255}.${n & 255}`;
    await log.record(failureOf({ address, actor: n % 2 === 0 ? actorOf(n) : null, details: { code: `CODE${n % 7}` } }));
  }
  expect(entries).toHaveLength(300);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(entries.length).toBeLessThan(360);
  expect(lines).toHaveLength(entries.length);
  const omitted = entries.reduce((sum, { details }) => sum + Number(details.omitted ?? 0), 0);
  expect(300 + omitted).toBe(failures);
});

test("kinds of failures are counted apart from each other", () => {
  const limit = new FailureLimit<NewAuditEntry["action"]>("access.refuse", { perSource: 30, inAll: 300 });
  for (let n = 0; n < 30; n += 1) limit.shouldRecord(failureOf());
  for (let n = 0; n < 3; n += 1) limit.shouldRecord(failureOf());
  for (let n = 0; n < 4; n += 1) limit.shouldRecord(failureOf({ details: { code: "RATE_LIMITED" } }));
  for (let n = 0; n < 5; n += 1) limit.shouldRecord(failureOf({ action: "sign-in", outcome: "failure" }));
  const counts = limit.takeSummaries().map(({ action, details }) => `${action} ${details.code} ${details.omitted}`);
  expect(counts).toEqual(["access.refuse FORBIDDEN 3", "access.refuse RATE_LIMITED 4", "sign-in FORBIDDEN 5"]);
  expect(limit.takeSummaries()).toEqual([]);
});

const invalidFrom = (address: string) => ({
  code: "COMMAND_INVALID",
  actor: null,
  target: "POST /api/rooms",
  address,
  request: "req-1",
});

test("invalid input is logged and not in the audit log: of one address ten a minute, of all a hundred, the others as counts", async () => {
  const { entries, lines, log } = openLog();
  for (let n = 0; n < 500; n += 1) log.noteInvalidInput(invalidFrom("192.0.2.1"));
  expect(lines).toHaveLength(10);
  expect(lines[0]).toEqual({
    ...{ event: "input.refuse", outcome: "refused", code: "COMMAND_INVALID", actor: null, address: "192.0.2.1" },
    ...{ target: "POST /api/rooms", requestId: "req-1" },
  });
  for (let n = 0; n < 1_000; n += 1) log.noteInvalidInput(invalidFrom(`198.51.100.${n % 250}`));
  expect(lines).toHaveLength(100);
  await vi.advanceTimersByTimeAsync(60_000);
  const omitted = lines.slice(100).reduce((sum, line) => sum + Number((line as { omitted?: number }).omitted), 0);
  expect(100 + omitted).toBe(1_500);
  expect(lines.length).toBeLessThan(160);
  expect(entries).toEqual([]);
});

test("what was counted is recorded when the server stops", async () => {
  const { entries, log } = openLog();
  for (let n = 0; n < 31; n += 1) await log.record(failureOf());
  await log.close();
  expect(entries.at(-1)?.details).toEqual({ code: "FORBIDDEN", omitted: 1 });
  expect(vi.getTimerCount()).toBe(0);
});

test("entries of another server are its own to log, those of the operator's command line are not", () => {
  const { lines, notify } = openLog();
  const entry: AuditEntry = { ...failureOf(), n: 1, at: 1, hash: "ab" };
  notify(entry, { isOwn: false });
  expect(lines).toEqual([]);
  notify({ ...entry, actor: { id: "operator", username: "operator" } }, { isOwn: false });
  expect(lines).toMatchObject([{ event: "access.refuse", actor: "operator", audit: "1:ab" }]);
});

test("an entry that cannot be written is in the server's log, and the request goes on", async () => {
  const { log, lines } = openLog();
  const failing = new SecurityLog({
    store: {
      audit: {
        append: () => Promise.reject(new Error("disk full")),
        onAppended: () => () => {},
        takeOperatorEntries: async () => ({ entries: [], omitted: 0 }),
      },
    },
    logger: { info: () => {}, error: (fields) => lines.push(fields) },
  });
  await failing.record(failureOf());
  expect(lines).toMatchObject([{ event: "access.refuse", err: { message: "disk full" } }]);
  await log.close();
});
