import { eventually } from "@multichat/channels/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ResumingClient } from "../support/resuming-client.ts";
import { ServerPair } from "../support/server-pair.ts";

/** The number of messages posted to each server while Redis is down. */
const POSTED_DURING_OUTAGE = 60;
/** The close code of a server that may have missed events of other servers. */
const RECONNECT_CODE = 4000;

let pair: ServerPair;
beforeAll(async () => {
  pair = await ServerPair.start();
});
afterAll(() => pair?.stop());

const layerCheck = async (url: string): Promise<unknown> => {
  const body = (await (await fetch(`${url}/readyz`)).json()) as { checks: { layer: string } };
  return body.checks.layer;
};

test("loses no message and no loss of access while Redis is down during traffic", async () => {
  const { a, b } = pair;
  const clients = await Promise.all([
    ResumingClient.start([a.socketUrl], (await pair.session("alice")).cookie, 1),
    ResumingClient.start([b.socketUrl], (await pair.session("bob")).cookie, 1),
  ]);
  const deactivated = await pair.chat(b, "sara");
  const posted: string[] = [];
  const postUntil = async (isDone: () => boolean): Promise<void> => {
    while (!isDone()) {
      const bodies = [`a ${posted.length}`, `b ${posted.length}`];
      await Promise.all([pair.post(a, "alice", 1, bodies[0] ?? ""), pair.post(b, "bob", 1, bodies[1] ?? "")]);
      posted.push(...bodies);
    }
  };
  const hasPosted = (count: number) => () => posted.length >= count;

  await postUntil(hasPosted(40));
  await pair.redis.kill();
  await postUntil(hasPosted(50));
  for (const { url } of [a, b]) expect(await layerCheck(url)).toBe("failed");
  await pair.changePerson(a, "sara", { active: false });
  // Closed for the end of the session or of the account, whichever arrives first.
  expect([4200, 4201]).toContain(await deactivated.closed());
  await postUntil(hasPosted(posted.length + 2 * POSTED_DURING_OUTAGE));
  // Without Redis, messages posted to the other server arrive late, from the log.
  await eventually(() => {
    for (const { bodies } of clients) expect(bodies).toHaveLength(posted.length);
  });
  await pair.redis.restart();
  await postUntil(hasPosted(posted.length + 40));

  await eventually(() => {
    for (const { bodies } of clients) expect(bodies).toHaveLength(posted.length);
  });
  await eventually(() => {
    for (const { closeCodes } of clients) expect(closeCodes).toEqual([RECONNECT_CODE]);
  });
  for (const client of clients) {
    expect([...client.bodies].sort()).toEqual([...posted].sort());
    expect(client.log).toEqual(clients[0]?.log);
  }
  for (const { url } of [a, b]) expect(await layerCheck(url)).toBe("ok");

  // Live delivery works again: the classic client never fetches anything.
  const page = await pair.classic(b, "bob");
  page.send({ command: "join", room: 1 });
  await page.until(() => page.received.length === 1);
  await pair.post(a, "alice", 1, "live again");
  await page.until(() => page.received.some((got) => (got as { message?: string }).message === "live again"));
  page.close();
  await Promise.all(clients.map((client) => client.stop()));
});
