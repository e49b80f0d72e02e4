import { describe, expect, test } from "vitest";
import type { ActorRef, NewFile, Store } from "../../../src/store/store.ts";
import { ALICE, BOB, roomIn, sharedStore } from "../support/temp-store.ts";

const shared = sharedStore();
let lastId = 0;

function nextId(): string {
  lastId += 1;
  return `f${lastId}`;
}

const author = (who: ActorRef) => who?.id ?? "";

async function upload(store: Store, room: string, given: Partial<NewFile> = {}): Promise<string> {
  const id = nextId();
  const result = await store.files.add(newFile(room, { id, ...given }));
  if (!("file" in result)) throw new Error(`expected the file to be added, got ${result.outcome}`);
  return result.file.id;
}

function newFile(room: string, given: Partial<NewFile> & Pick<NewFile, "id">): NewFile {
  return {
    room,
    author: ALICE.id,
    client_id: `c-${given.id}`,
    hash: `hash-${given.id}`,
    key: `key-${given.id}`,
    name: "beach.jpg",
    type: "image/jpeg",
    bytes: 1_000,
    width: 40,
    height: 30,
    maxAuthorBytes: null,
    maxTotalBytes: null,
    ...given,
  };
}

async function post(
  store: Store,
  room: string,
  files: readonly string[],
  given: { body?: string; by?: ActorRef } = {},
) {
  const { body = "", by = ALICE } = given;
  return store.messages.append({
    room,
    accessVersion: 1,
    author: by,
    clientId: nextId(),
    kind: "message",
    body,
    ...(files.length === 0 ? {} : { files }),
  });
}

async function posted(store: Store, room: string, files: readonly string[], given: { body?: string } = {}) {
  const result = await post(store, room, files, given);
  if (result.outcome !== "appended") throw new Error(`expected the message to be appended, got ${result.outcome}`);
  return result;
}

const image = (id: string) => ({ id, name: "beach.jpg", type: "image/jpeg", bytes: 1_000, width: 40, height: 30 });

/** Everything that waits to be removed. */
const removals = (store: Store) => store.files.takeRemovals({ before: Number.MAX_SAFE_INTEGER });

describe("a message with files", () => {
  test("has them in the given order, in its event, in the history, the log, and the answer to a retry", async () => {
    const store = shared();
    const room = await roomIn(store);
    const first = await upload(store, room);
    const second = await upload(store, room, { type: "application/pdf", name: "a.pdf", width: null, height: null });
    const files = [{ id: second, name: "a.pdf", type: "application/pdf", bytes: 1_000 }, image(first)];
    const { message, event } = await posted(store, room, [second, first]);
    expect(message.files).toEqual(files);
    expect(event).toMatchObject({ on: "message.posted", message: { files } });
    const page = await store.messages.readHistory({ room, limit: 10 });
    expect(page.messages.at(-1)).toEqual(message);
    expect(await store.messages.find({ room, message: message.id })).toEqual(message);
    const [logged] = (await store.eventLog.readSince({ room, since: message.seq - 1, limit: 10 })) ?? [];
    expect(logged).toMatchObject({ on: "message.posted", message });
    const retry = await store.messages.append({
      room,
      accessVersion: 1,
      author: ALICE,
      clientId: message.clientId,
      kind: "message",
      body: "",
      files: [second, first],
    });
    expect(retry).toEqual({ outcome: "repeated", message });
  });

  test("without files has no list of them", async () => {
    const store = shared();
    const { message } = await posted(store, await roomIn(store), [], { body: "text" });
    expect(message).not.toHaveProperty("files");
    expect(await store.messages.find({ room: message.room, message: message.id })).toEqual(message);
  });

  test("takes its seq where it was posted among others at the same time", async () => {
    const store = shared();
    const room = await roomIn(store);
    const id = await upload(store, room);
    const results = await Promise.all([
      posted(store, room, [], { body: "first" }),
      posted(store, room, [id], { body: "second" }),
      posted(store, room, [], { body: "third" }),
    ]);
    const seqs = results.map(({ message }) => message.seq);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    const { messages } = await store.messages.readHistory({ room, limit: 3 });
    expect(messages.map(({ body }) => body)).toEqual(["first", "second", "third"]);
  });

  test("is refused with an unknown file, another user's, another room's, and one that a message has", async () => {
    const store = shared();
    const [room, other] = [await roomIn(store), await roomIn(store)];
    const used = await upload(store, room);
    await posted(store, room, [used]);
    const refused = ["unknown", await upload(store, room, { author: author(BOB) }), await upload(store, other), used];
    const good = await upload(store, room);
    const head = (await store.rooms.find(room))?.lastSeq;
    for (const id of refused) {
      expect(await post(store, room, [id])).toEqual({ outcome: "file-unknown" });
      expect(await post(store, room, [good, id])).toEqual({ outcome: "file-unknown" });
    }
    expect(await post(store, room, [good], { by: null })).toEqual({ outcome: "file-unknown" });
    // Nothing was taken, and no seq.
    const { message } = await posted(store, room, [good]);
    expect(message.seq).toBe((head ?? 0) + 1);
  });

  test("goes to one of two messages that are posted with it at the same time", async () => {
    const store = shared();
    const room = await roomIn(store);
    const id = await upload(store, room);
    const results = await Promise.all([post(store, room, [id]), post(store, room, [id])]);
    expect(results.map(({ outcome }) => outcome).sort()).toEqual(["appended", "file-unknown"]);
  });

  test("keeps them when it is edited", async () => {
    const store = shared();
    const room = await roomIn(store);
    const id = await upload(store, room);
    const { message } = await posted(store, room, [id], { body: "before" });
    const ref = { room, accessVersion: 1, message: message.id };
    const edited = await store.messages.edit({ ref, body: "after", canMentionAll: false, by: ALICE });
    expect(edited).toMatchObject({ outcome: "changed", message: { body: "after", files: [image(id)] } });
    expect(edited).toMatchObject({ event: { message: { files: [image(id)] } } });
  });

  test("is quoted by their names where it has no text", async () => {
    const store = shared();
    const room = await roomIn(store);
    const bare = await posted(store, room, [await upload(store, room), await upload(store, room)]);
    const reply = await store.messages.append({
      room,
      accessVersion: 1,
      author: BOB,
      clientId: nextId(),
      kind: "message",
      body: "nice",
      replyTo: bare.message.id,
    });
    const excerpt = "beach.jpg, beach.jpg";
    expect(reply).toMatchObject({ message: { replyTo: { excerpt } } });
    const { messages } = await store.messages.readHistory({ room, limit: 1 });
    expect(messages).toMatchObject([{ replyTo: { excerpt } }]);
  });
});

describe("a deleted message", () => {
  test("has no files, and their contents are removed", async () => {
    const store = shared();
    const room = await roomIn(store);
    const [id, second] = [await upload(store, room), await upload(store, room)];
    const { message } = await posted(store, room, [id, second], { body: "text" });
    const ref = { room, accessVersion: 1, message: message.id };
    const deleted = await store.messages.delete({ ref, by: ALICE });
    if (deleted.outcome !== "changed") throw new Error("expected a deletion");
    expect(deleted.message).not.toHaveProperty("files");
    expect(await store.files.find({ id })).toBeUndefined();
    const keys = await removals(store);
    expect(keys).toEqual(expect.arrayContaining([`key-${id}`, `key-${second}`]));
    await store.files.deleteRemovals({ keys });
    expect(await removals(store)).toEqual([]);
    expect((await store.messages.readHistory({ room, limit: 1 })).messages[0]).not.toHaveProperty("files");
  });

  test("leaves a content that another file has", async () => {
    const store = shared();
    const room = await roomIn(store);
    const hash = `hash-${nextId()}`;
    const first = await upload(store, room, { hash });
    const second = await upload(store, room, { hash });
    expect((await store.files.find({ id: second }))?.key).toBe(`key-${first}`);
    const { message } = await posted(store, room, [first]);
    const ref = { room, accessVersion: 1, message: message.id };
    await store.messages.delete({ ref, by: ALICE });
    expect(await removals(store)).not.toContain(`key-${first}`);
    // It left the queue, and comes back with the last file.
    const other = await posted(store, room, [second]);
    await store.messages.delete({ ref: { ...ref, message: other.message.id }, by: ALICE });
    expect(await removals(store)).toContain(`key-${first}`);
    // Its key is never given to a new upload of the same content: it may be removed at this moment.
    const third = await upload(store, room, { hash });
    expect((await store.files.find({ id: third }))?.key).toBe(`key-${third}`);
  });
});

describe("an upload", () => {
  test("that is repeated is the first one, also after it was posted", async () => {
    const store = shared();
    const room = await roomIn(store);
    const id = nextId();
    const first = await store.files.add(newFile(room, { id }));
    expect(first).toMatchObject({ outcome: "added", file: { id, isPosted: false, file: image(id) } });
    await posted(store, room, [id]);
    const again = await store.files.add(newFile(room, { id: nextId(), client_id: `c-${id}` }));
    expect(again).toMatchObject({ outcome: "repeated", file: { id, isPosted: true } });
    expect(await store.files.findUpload({ author: ALICE.id, clientId: `c-${id}` })).toMatchObject({ id });
    expect(await store.files.findUpload({ author: BOB.id, clientId: `c-${id}` })).toBeUndefined();
  });

  test("that exceeds a quota is refused", async () => {
    const store = shared();
    const room = await roomIn(store);
    const user = nextId();
    const add = (given: Partial<NewFile>) => store.files.add(newFile(room, { id: nextId(), author: user, ...given }));
    expect(await add({ maxAuthorBytes: 1_999 })).toMatchObject({ outcome: "added" });
    expect(await add({ maxAuthorBytes: 1_999 })).toEqual({ outcome: "author-full" });
    expect(await add({ maxAuthorBytes: 2_000 })).toMatchObject({ outcome: "added" });
    expect(await add({ maxTotalBytes: 2_000 })).toEqual({ outcome: "full" });
    const quotas = { author: user, maxAuthorBytes: 2_500, maxTotalBytes: null };
    expect(await store.files.remainingBytes(quotas)).toMatchObject({ author: 500 });
  });

  test("that no message takes is deleted, unless a message takes it before", async () => {
    const store = shared();
    const room = await roomIn(store);
    const [orphan, used] = [await upload(store, room), await upload(store, room)];
    await posted(store, room, [used]);
    await store.files.deleteAbandoned({ before: 0 });
    expect(await store.files.find({ id: orphan })).toBeDefined();
    while ((await store.files.deleteAbandoned({ before: Number.MAX_SAFE_INTEGER })).hasMore);
    expect(await store.files.find({ id: orphan })).toBeUndefined();
    expect(await store.files.find({ id: used })).toBeDefined();
    expect(await removals(store)).toContain(`key-${orphan}`);
    expect(await removals(store)).not.toContain(`key-${used}`);
    expect(await post(store, room, [orphan])).toEqual({ outcome: "file-unknown" });
  });

  test("to a room that is deleted goes with it", async () => {
    const store = shared();
    const room = await roomIn(store);
    const id = await upload(store, room);
    await posted(store, room, [id]);
    await store.rooms.delete({ room, accessVersion: 1, by: ALICE });
    while ((await store.files.deleteAbandoned({ before: Number.MAX_SAFE_INTEGER })).hasMore);
    expect(await store.files.find({ id })).toBeUndefined();
    expect(await removals(store)).toContain(`key-${id}`);
  });
});

test("the contents of files are listed in pages, each once", async () => {
  const store = shared();
  const room = await roomIn(store);
  const hash = `hash-${nextId()}`;
  const [id] = [await upload(store, room, { hash }), await upload(store, room, { hash })];
  const listed = await store.files.listContents({ after: "" });
  expect(listed.filter(({ key }) => key === `key-${id}`)).toEqual([{ key: `key-${id}`, hash, bytes: 1_000 }]);
  expect(await store.files.listContents({ after: listed.at(-1)?.key ?? "" })).toEqual([]);
  const keys = await store.files.findKnownKeys({ keys: [`key-${id}`, "unknown"] });
  expect(keys).toEqual([`key-${id}`]);
});
