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

test("the other servers keep serving when one of three is killed during traffic, and its clients move over", async () => {
  const { a, b } = pair;
  const c = await pair.startAnother();
  const urls = [a.socketUrl, b.socketUrl];
  const moved = await ResumingClient.start(urls, (await pair.session("alice")).cookie, 1);
  const stayed = await ResumingClient.start([b.socketUrl], (await pair.session("bob")).cookie, 1);
  const third = await ResumingClient.start([c.socketUrl], (await pair.session("sara")).cookie, 1);
  const page = await pair.classic(b, "bob");
  page.send({ command: "join", room: 1 });
  await page.until(() => page.received.length === 1);

  const posted: string[] = [];
  const postTo = async (server: typeof a, count: number): Promise<void> => {
    for (let n = 0; n < count; n += 1) {
      const body = `number ${posted.length}`;
      await pair.post(server, "sara", 1, body);
      posted.push(body);
    }
  };
  await postTo(a, 20);
  await a.endWith("SIGKILL");
  await postTo(b, 10);
  await postTo(c, 10);

  await eventually(() => {
    expect(moved.bodies).toEqual(posted);
    expect(stayed.bodies).toEqual(posted);
    expect(third.bodies).toEqual(posted);
  });
  expect(moved.closeCodes).toHaveLength(1);
  expect([...stayed.closeCodes, ...third.closeCodes]).toEqual([]);
  await page.until(() => page.received.some((got) => (got as { message?: string }).message === posted.at(-1)));
  // No message arrives twice, and users of the killed server can use this one.
  const received = page.received.flatMap((got) => (got as { message?: string }).message ?? []);
  expect(received).toEqual(posted);
  expect((await signIn(b.url, "admin")).cookie).not.toBe("");
  await Promise.all([moved.stop(), stayed.stop(), third.stop()]);
  page.close();
  await c.endWith("SIGKILL");
});
