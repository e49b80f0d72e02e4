import { eventually } from "@multichat/channels/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ResumingClient } from "../support/resuming-client.ts";
import { ServerPair } from "../support/server-pair.ts";

/** Messages that are posted at each server while Redis is down. */
const POSTED_DURING_OUTAGE = 60;
/** The server found a gap in what it heard from the others. */
const COME_BACK = 4000;

let pair: ServerPair;
beforeAll(async () => {
  pair = await ServerPair.start();
});
afterAll(() => pair?.stop());

const layerOf = async (url: string): Promise<unknown> => {
  const body = (await (await fetch(`${url}/readyz`)).json()) as { checks: { layer: string } };
  return body.checks.layer;
};

test("Redis goes for some seconds in the middle of the traffic: nobody misses anything, and lost rights are lost", async () => {
  const { a, b } = pair;
  const clients = await Promise.all([
    ResumingClient.start([a.socketUrl], (await pair.session("alice")).cookie, 1),
    ResumingClient.start([b.socketUrl], (await pair.session("bob")).cookie, 1),
  ]);
  const shutOut = await pair.chat(b, "sara");
  const said: string[] = [];
  const talk = async (until: () => boolean): Promise<void> => {
    while (!until()) {
      const bodies = [`a ${said.length}`, `b ${said.length}`];
      await Promise.all([pair.post(a, "alice", 1, bodies[0] ?? ""), pair.post(b, "bob", 1, bodies[1] ?? "")]);
      said.push(...bodies);
    }
  };
  const times = (count: number) => () => said.length >= count;

  await talk(times(40));
  await pair.redis.kill();
  await talk(times(50));
  for (const { url } of [a, b]) expect(await layerOf(url)).toBe("failed");
  await pair.changePerson(a, "sara", { active: false });
  // By the end of the session or by that of the account, whichever is heard of first.
  expect([4200, 4201]).toContain(await shutOut.closed());
  await talk(times(said.length + 2 * POSTED_DURING_OUTAGE));
  // Without Redis what is said at the other server is read from the log: late, but it is.
  await eventually(() => {
    for (const { bodies } of clients) expect(bodies).toHaveLength(said.length);
  });
  await pair.redis.restart();
  await talk(times(said.length + 40));

  await eventually(() => {
    for (const { bodies } of clients) expect(bodies).toHaveLength(said.length);
  });
  await eventually(() => {
    for (const { closed } of clients) expect(closed).toEqual([COME_BACK]);
  });
  for (const client of clients) {
    expect([...client.bodies].sort()).toEqual([...said].sort());
    expect(client.log).toEqual(clients[0]?.log);
  }
  for (const { url } of [a, b]) expect(await layerOf(url)).toBe("ok");

  // And it is live again: this page asks for nothing, it is told.
  const page = await pair.classic(b, "bob");
  page.send({ command: "join", room: 1 });
  await page.until(() => page.received.length === 1);
  await pair.post(a, "alice", 1, "as before");
  await page.until(() => page.received.some((got) => (got as { message?: string }).message === "as before"));
  page.close();
  await Promise.all(clients.map((client) => client.stop()));
});
