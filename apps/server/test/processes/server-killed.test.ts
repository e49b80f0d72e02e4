import { eventually } from "@multichat/channels/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signIn } from "../support/chat-server.ts";
import { ResumingClient } from "../support/resuming-client.ts";
import { ServerPair } from "../support/server-pair.ts";

let pair: ServerPair;
beforeAll(async () => {
  pair = await ServerPair.start();
});
afterAll(() => pair?.stop());

test("one of two servers is killed in the middle of the traffic: the other goes on, and its people come over", async () => {
  const { a, b } = pair;
  const both = [a.socketUrl, b.socketUrl];
  const moved = await ResumingClient.start(both, (await pair.session("alice")).cookie, 1);
  const stayed = await ResumingClient.start([b.socketUrl], (await pair.session("bob")).cookie, 1);
  const page = await pair.classic(b, "bob");
  page.send({ command: "join", room: 1 });
  await page.until(() => page.received.length === 1);

  const said: string[] = [];
  const talkAt = async (server: typeof a, count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) {
      const body = `number ${said.length}`;
      await pair.post(server, "sara", 1, body);
      said.push(body);
    }
  };
  await talkAt(a, 20);
  await a.end("SIGKILL");
  await talkAt(b, 20);

  await eventually(() => {
    expect(moved.bodies).toEqual(said);
    expect(stayed.bodies).toEqual(said);
  });
  expect(moved.closed).toHaveLength(1);
  expect(stayed.closed).toEqual([]);
  await page.until(() => page.received.some((got) => (got as { message?: string }).message === said.at(-1)));
  // Nobody is told twice, and those who were with the dead server are with this one.
  const heard = page.received.flatMap((got) => (got as { message?: string }).message ?? []);
  expect(heard).toEqual(said);
  expect((await signIn(b.url, "admin")).cookie).not.toBe("");
  await Promise.all([moved.stop(), stayed.stop()]);
  page.close();
});
