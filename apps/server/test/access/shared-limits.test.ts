import { eventually } from "@multichat/channels/testing";
import { expect, onTestFinished, test } from "vitest";
import { SharedLimits } from "../../src/access/shared-limits.ts";
import { AccountBudgets } from "../../src/consumers/connection/command-rate.ts";

/** The limits of two servers, which receive what either of them publishes, as text. */
function openPair() {
  const sent: string[] = [];
  let rejected = 0;
  const open = (origin: string): SharedLimits =>
    new SharedLimits({
      origin,
      publish: (message) => {
        sent.push(JSON.stringify(message));
        for (const server of servers) server.receive(JSON.parse(JSON.stringify(message)));
      },
      share: { requests: 10, commands: 5 },
      onRejected: () => {
        rejected += 1;
      },
      onPublishError: (error) => expect.unreachable(String(error)),
    });
  const servers = [open("a"), open("b")] as const;
  onTestFinished(() => {
    for (const server of servers) server.close();
  });
  return { servers, sent, rejected: () => rejected };
}

test("commands of an account at one server take from its budget at the other, and are reported once", async () => {
  const { servers, sent } = openPair();
  const [local, remote] = servers.map((server) => new AccountBudgets(1, server));
  local?.of("alice").take(4);
  expect(remote?.of("alice").waitMs(performance.now())).toBe(0);
  local?.of("alice").take(100);
  await eventually(() => expect(remote?.of("alice").waitMs(performance.now())).toBeGreaterThan(0));
  expect(remote?.of("bob").waitMs(performance.now())).toBe(0);
  // What was taken elsewhere is not reported back.
  servers[1].use("requests", "bob", 10);
  await eventually(() => expect(sent).toHaveLength(2));
  expect(sent[1]).toContain("bob");
  expect(sent.join()).not.toContain('"from":"b","type":"limits.used","uses":[{"limit":"commands"');
});

test("the uses of many keys are split into messages that a notification can hold", async () => {
  const { servers, sent } = openPair();
  const received = new Set<string>();
  servers[1].onUsed("requests", (key) => received.add(key));
  const keys = Array.from({ length: 100 }, (_, n) => `user:${String(n).padStart(190, "0")}`);
  for (const key of keys) servers[0].use("requests", key, 10);
  await eventually(() => expect(received.size).toBe(keys.length));
  for (const text of sent) expect(Buffer.byteLength(text)).toBeLessThan(7_000);
});

test.each([
  null,
  {},
  { type: "limits.used", from: "x", uses: [{ limit: "requests", key: "user:alice", cost: -5 }] },
  { type: "limits.used", from: "x", uses: [{ limit: "everything", key: "user:alice", cost: 5 }] },
  {
    type: "limits.sign-in",
    from: "x",
    attempt: { key: "address alice", allowance: 0, unknown: null, hasSucceeded: false },
  },
])("a message that no server sends is rejected: %j", (message) => {
  const { servers, rejected } = openPair();
  servers[0].onUsed("requests", () => expect.unreachable());
  servers[0].onAttempt(() => expect.unreachable());
  servers[0].receive(message);
  expect(rejected()).toBe(1);
});
