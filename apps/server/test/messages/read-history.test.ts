import { afterAll, beforeAll, expect, test } from "vitest";
import { deleteMessage } from "../../src/messages/delete-message.ts";
import { postMessage } from "../../src/messages/post-message.ts";
import { readHistory, readHistoryJson } from "../../src/messages/read-history.ts";
import { setReaction } from "../../src/messages/set-reaction.ts";
import { type CommandFixture, openCommandFixture } from "../support/command-fixture.ts";

let fixture: CommandFixture;
beforeAll(async () => {
  fixture = await openCommandFixture();
});
afterAll(async () => {
  await fixture.close();
});

const BODIES = ["plain", 'a "quote" and \\', "line\nbreak \u2028", "😀 łódź", "@alice and @all", "<b>&amp;</b>"];

test("a page as JSON is the same page, for every viewer and from every side", async () => {
  const { context } = fixture;
  const [sara, alice] = [await fixture.actor("sara"), await fixture.actor("alice")];
  const posted: { readonly seq: number; readonly message: { readonly id: string } }[] = [];
  for (const [index, body] of BODIES.entries()) {
    const replyTo = posted.at(-1)?.message.id;
    const clientId = `json-${index}`;
    posted.push(await postMessage(context, alice, { room: 1, clientId, body, ...(replyTo && { replyTo }) }));
  }
  const [first, second] = posted;
  if (first === undefined || second === undefined) throw new Error("expected two messages");
  await setReaction(context, sara, { room: 1, message: first.message.id, emoji: "👍", present: true });
  await deleteMessage(context, alice, { room: 1, message: second.message.id });
  for (const actor of [sara, alice]) {
    for (const page of [{}, { before: second.seq }, { after: first.seq }, { around: second.seq }, { limit: 2 }]) {
      const { text } = await readHistoryJson(context, actor, { room: 1, ...page });
      expect(JSON.parse(text)).toEqual(await readHistory(context, actor, { room: 1, ...page }));
    }
  }
});

test("a page of a room that the viewer cannot see is refused", async () => {
  const { context } = fixture;
  const alice = await fixture.actor("alice");
  for (const room of [3, 99, "nothing", "01"]) {
    await expect(readHistoryJson(context, alice, { room })).rejects.toMatchObject({ code: "ROOM_INVALID" });
  }
});
