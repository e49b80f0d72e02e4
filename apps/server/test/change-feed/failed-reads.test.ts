import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toActorRef } from "../../src/access/operator.ts";
import type { Actor } from "../../src/accounts/accounts.ts";
import { publishChangeReliably } from "../../src/change-feed/publish-change-reliably.ts";
import type { Context } from "../../src/context.ts";
import { roomGroup, userGroup } from "../../src/fan-out/chat-groups.ts";
import { addMember, removeMember } from "../../src/members/index.ts";
import { toAuthor } from "../../src/people/index.ts";
import { createRoom } from "../../src/rooms/index.ts";
import { StoreError, type StoreErrorCode } from "../../src/store/store-error.ts";
import { type CommandFixture, openCommandFixture } from "../support/command-fixture.ts";

let fixture: CommandFixture;
let alice: Actor;
let bob: Actor;
beforeAll(async () => {
  fixture = await openCommandFixture();
  [alice, bob] = await Promise.all([fixture.actor("alice"), fixture.actor("bob")]);
  await fixture.context.store.settings.update({ roomCreators: "everybody" });
  await fixture.subscribe(userGroup(bob.id));
});
afterAll(() => fixture?.close());

interface Failing {
  readonly times?: number;
  readonly code?: StoreErrorCode;
  /** Whether they fail only once a member was added or removed. */
  readonly from?: "add" | "remove";
}

/** The context, with a database of which some reads fail so many times. */
function failing({
  times = Number.POSITIVE_INFINITY,
  code = "busy",
  from,
}: Failing): Context & { readonly failures: () => number } {
  const { context } = fixture;
  let failures = 0;
  let isFailing = from === undefined;
  const failOr = <T>(read: () => Promise<T>): Promise<T> => {
    if (!isFailing || failures >= times) return read();
    failures += 1;
    return Promise.reject(new StoreError(code, "the reads of this test fail"));
  };
  const thenFail =
    <P, R>(change: (parameters: P) => Promise<R>) =>
    async (parameters: P): Promise<R> => {
      const changed = await change(parameters);
      isFailing = true;
      return changed;
    };
  const members = Object.create(context.store.members, {
    find: { value: (key: { room: string; user: string }) => failOr(() => context.store.members.find(key)) },
    add: { value: thenFail(context.store.members.add) },
    remove: { value: thenFail(context.store.members.remove) },
  });
  const accounts = Object.create(context.accounts, {
    clearCache: { value: (id: string) => context.accounts.clearCache(id) },
    find: { value: (id: string) => failOr(() => context.accounts.find(id)) },
  });
  return { ...context, accounts, store: { ...context.store, members }, failures: () => failures };
}

async function createRoomOfBoth(): Promise<string> {
  const { id } = await createRoom(fixture.context, alice, { title: "Plans", private: true });
  await addMember(fixture.context, alice, { room: id, user: bob.id });
  await fixture.takeMessages();
  return id;
}

const options = () => ({ signal: new AbortController().signal });

describe("a right that was lost ends on open connections, also where the database cannot be read after the commit:", () => {
  test.each([false, true])("that of a member who is removed here (ban: %s)", async (ban) => {
    const room = await createRoomOfBoth();
    const context = failing({ from: "remove" });
    await removeMember(context, alice, { room, user: bob.id, ban });
    expect(await fixture.takeMessages()).toContainEqual(
      expect.objectContaining({ type: "membership.changed", admitted: false, wasAdmitted: true }),
    );
  });

  test("that of a member who is removed by another process", async () => {
    const room = await createRoomOfBoth();
    await fixture.context.store.members.remove({ room, user: toAuthor(bob), by: toActorRef(alice) });
    const context = failing({ times: 2 });
    await publishChangeReliably(context, { kind: "member", room, user: bob.id }, options());
    expect(context.failures(), "premise").toBe(2);
    expect(await fixture.takeMessages()).toContainEqual(
      expect.objectContaining({ type: "membership.changed", admitted: false }),
    );
  });

  test("that of an account that another process has changed, whose connections authenticate again at once", async () => {
    const context = failing({ times: 3 });
    await publishChangeReliably(context, { kind: "user", user: bob.id }, options());
    const types = (await fixture.takeMessages()).map(({ type }) => type);
    expect(types).toEqual(["session.ended", "account.changed"]);
  });
});

test("a member's event is published, also where the database cannot be read after the commit", async () => {
  const { id } = await createRoom(fixture.context, alice, { title: "Plans", private: true });
  await fixture.subscribe(roomGroup(id));
  await fixture.takeMessages();
  const context = failing({ from: "add" });
  await expect(addMember(context, alice, { room: id, user: bob.id })).rejects.toMatchObject({ code: "busy" });
  const messages = await fixture.takeMessages();
  expect(messages).toContainEqual(expect.objectContaining({ type: "membership.changed", admitted: true }));
  expect(messages.some(({ type }) => type === "log.event" || type === "log.events")).toBe(true);
});

test("a change is not tried again after a failure that stays", async () => {
  const context = failing({ code: "corrupt" });
  const change = { kind: "user", user: bob.id } as const;
  await expect(publishChangeReliably(context, change, options())).rejects.toMatchObject({ code: "corrupt" });
  expect(context.failures()).toBe(1);
});

test("a change is given up when the server stops, or after a time", async () => {
  const change = { kind: "user", user: bob.id } as const;
  const stopping = new AbortController();
  const stopped = publishChangeReliably(failing({}), change, stopping);
  stopping.abort();
  await expect(stopped).rejects.toMatchObject({ code: "busy" });
  const late = publishChangeReliably(failing({}), change, { ...options(), retryForMs: 1 });
  await expect(late).rejects.toMatchObject({ code: "busy" });
});
