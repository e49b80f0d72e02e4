import { afterAll, beforeAll, expect, test } from "vitest";
import { bodyOf, HttpFixture } from "./http-fixture.ts";

let fixture: HttpFixture;
beforeAll(async () => {
  fixture = await HttpFixture.open();
});
afterAll(() => fixture.close());

test("a read marker moves forward, and back with a higher revision", async () => {
  const { id } = await fixture.createRoom();
  const post = async (body: string) =>
    await fixture.requestAs("staff", {
      method: "POST",
      url: `/api/rooms/${id}/messages`,
      payload: { clientId: crypto.randomUUID(), body },
    });
  for (const body of ["one", "two"]) expect((await post(body)).status).toBeLessThan(300);
  const move = async (payload: object) =>
    await fixture.requestAs("user", { method: "PATCH", url: `/api/rooms/${id}/read-marker`, payload });
  const stateAfter = async (payload: object) => bodyOf<{ state: { readSeq: number } }>(await move(payload)).state;
  const { readSeq: end } = await stateAfter({ seq: 1_000 });
  expect(await stateAfter({ seq: end - 1 })).toMatchObject({ readSeq: end, unread: 0 });
  const back = { readSeq: end - 1, readRevision: 1, unread: 1 };
  expect(await stateAfter({ seq: end - 1, revision: 1 })).toMatchObject(back);
  expect(await stateAfter({ seq: end, revision: 0 })).toMatchObject(back);
  for (const payload of [{}, { seq: -1 }, { seq: 1, revision: 2 ** 31 }])
    expect((await move(payload)).status, JSON.stringify(payload)).toBe(400);
});
