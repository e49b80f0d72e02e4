import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Message, MessageFile } from "@multichat/protocol";
import { uuidv7 } from "uuidv7";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collectFiles, sweepStorage } from "../../src/files/index.ts";
import type { StoredRoom } from "../../src/store/store.ts";
import { HAS_PLACE, jpeg } from "../files/samples.ts";
import { bodyOf, HttpFixture, type TestResponse } from "./http-fixture.ts";

let fixture: HttpFixture;
beforeAll(async () => {
  fixture = await HttpFixture.open({
    env: { LIMIT_FILE_BYTES: "20000", LIMIT_FILE_BYTES_PER_USER: "200000", LIMIT_REQUESTS_PER_MINUTE: "100000" },
  });
  await fixture.createPerson({ username: "other" });
});
afterAll(() => fixture?.close());

interface Upload {
  readonly room: Pick<StoredRoom, "number">;
  readonly content?: Buffer;
  readonly name?: string;
  readonly clientId?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A content that no other test has. */
const newContent = (): Buffer => Buffer.from(`text ${uuidv7()}`);

async function upload(username: string, given: Upload): Promise<TestResponse> {
  const { room, content = newContent(), name = "a.txt", clientId = uuidv7(), headers = {} } = given;
  const token = await fixture.token(username);
  const response = await fixture.app.inject({
    method: "POST",
    url: `/api/rooms/${room.number}/files?name=${encodeURIComponent(name)}&clientId=${clientId}`,
    payload: content,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/octet-stream", ...headers },
  });
  const body = JSON.parse(response.body);
  return { status: response.statusCode, headers: response.headers, text: response.body, body, cookies: [] };
}

async function uploaded(username: string, given: Upload): Promise<MessageFile> {
  const response = await upload(username, given);
  expect(response).toMatchObject({ status: 201 });
  return bodyOf<{ file: MessageFile }>(response).file;
}

const post = (username: string, { number }: Pick<StoredRoom, "number">, files: readonly string[], body = "") =>
  fixture.requestAs(username, {
    method: "POST",
    url: `/api/rooms/${number}/messages`,
    payload: { clientId: uuidv7(), body, files },
  });

async function posted(username: string, room: StoredRoom, given: Omit<Upload, "room"> = {}) {
  const file = await uploaded(username, { room, ...given });
  const response = await post(username, room, [file.id]);
  expect(response).toMatchObject({ status: 201 });
  return { file, message: bodyOf<{ message: Message }>(response).message };
}

async function download(
  username: string,
  { id, name }: Pick<MessageFile, "id" | "name">,
  {
    method = "GET",
    headers = {},
    query = "",
  }: { method?: "GET" | "HEAD"; headers?: Record<string, string>; query?: string } = {},
) {
  const authorization = username === "outsider" ? {} : { authorization: `Bearer ${await fixture.token(username)}` };
  const response = await fixture.app.inject({
    method,
    url: `/api/files/${id}/${encodeURIComponent(name)}${query}`,
    headers: { ...authorization, ...headers },
  });
  return { status: response.statusCode, headers: response.headers, content: response.rawPayload };
}

const membership = (username: string, method: "POST" | "DELETE", room: StoredRoom, user: string) =>
  fixture.requestAs(username, {
    method,
    url: method === "POST" ? `/api/rooms/${room.number}/members` : `/api/rooms/${room.number}/members/${user}`,
    ...(method === "POST" ? { payload: { user } } : {}),
  });

describe("an uploaded file", () => {
  test("is in the message that takes it, and is downloaded as it is", async () => {
    const room = await fixture.createRoom();
    const content = newContent();
    const file = await uploaded("user", { room, content, name: "näme “1”.txt" });
    expect(file).toEqual({ id: file.id, name: "näme “1”.txt", type: "text/plain", bytes: content.length });
    expect(bodyOf<{ message: Message }>(await post("user", room, [file.id])).message).toMatchObject({
      body: "",
      files: [file],
    });
    const listed = await fixture.requestAs("other", { method: "GET", url: `/api/rooms/${room.number}/messages` });
    expect(bodyOf<{ messages: readonly Message[] }>(listed).messages).toMatchObject([{ files: [file] }]);
    const downloaded = await download("other", file);
    expect(downloaded.content).toEqual(content);
    expect(downloaded).toMatchObject({
      status: 200,
      headers: {
        "content-type": "text/plain; charset=utf-8",
        "content-length": String(content.length),
        "content-disposition": `inline; filename="n_me _1_.txt"; filename*=UTF-8''n%C3%A4me%20%E2%80%9C1%E2%80%9D.txt`,
        "cache-control": "private, no-cache",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "content-security-policy": expect.stringMatching(/default-src 'none'.*sandbox/),
      },
    });
  });

  test("is a photo without the place where it was taken", async () => {
    const room = await fixture.createRoom();
    const { file } = await posted("user", room, { content: jpeg(), name: "photo.png" });
    expect(file).toMatchObject({ type: "image/jpeg", width: 30, height: 40 });
    const { content, headers } = await download("other", file);
    expect(content.toString("latin1")).not.toMatch(HAS_PLACE);
    expect(content).toHaveLength(file.bytes);
    expect(headers).toMatchObject({
      "content-type": "image/jpeg",
      "content-disposition": expect.stringMatching(/^inline/),
    });
  });

  test.each([
    ["a page", Buffer.from("\0<html>")],
    ["a PDF", Buffer.from("%PDF-1.7 ")],
    ["an archive", Buffer.from("PK\x03\x04")],
  ])("is saved and not displayed where it is %s", async (_name, content) => {
    const room = await fixture.createRoom();
    const file = await uploaded("user", { room, content: Buffer.concat([content, newContent()]), name: "x.html" });
    expect((await download("user", file)).headers["content-disposition"]).toMatch(/^attachment/);
  });

  test("is saved where that is asked for", async () => {
    const room = await fixture.createRoom();
    const file = await uploaded("user", { room });
    expect((await download("user", file, { query: "?download" })).headers["content-disposition"]).toMatch(
      /^attachment/,
    );
  });

  test("of the same content is stored once, for two files", async () => {
    const room = await fixture.createRoom();
    const content = newContent();
    const { file } = await posted("user", room, { content });
    const { file: second } = await posted("other", room, { content, name: "b.txt" });
    expect(second.id).not.toBe(file.id);
    const [first, other] = [await download("user", file), await download("user", second)];
    expect(other.content).toEqual(content);
    expect(other.headers.etag).toBe(first.headers.etag);
    const hash = String(first.headers.etag).replaceAll('"', "");
    const stored = await readdir(join(fixture.files.storage.incoming, "..", hash.slice(0, 2)));
    expect(stored.filter((name) => name.startsWith(hash))).toHaveLength(1);
    expect(await readdir(fixture.files.storage.incoming)).toEqual([]);
  });

  test("is uploaded once, however often it is repeated", async () => {
    const room = await fixture.createRoom();
    const clientId = uuidv7();
    const file = await uploaded("user", { room, clientId });
    expect(await uploaded("user", { room, clientId, content: newContent() })).toEqual(file);
    await post("user", room, [file.id]);
    expect(await uploaded("user", { room, clientId })).toEqual(file);
    expect((await uploaded("other", { room, clientId })).id).not.toBe(file.id);
    const elsewhere = await fixture.createRoom();
    expect(await upload("user", { room: elsewhere, clientId })).toMatchObject({ status: 400 });
  });
});

describe("a download", () => {
  let file: MessageFile;
  const content = Buffer.from("0123456789");
  beforeAll(async () => {
    ({ file } = await posted("user", await fixture.createRoom(), { content }));
  });

  test.each<[string, string, number, string]>([
    ["bytes=0-3", "bytes 0-3/10", 206, "0123"],
    ["bytes=7-", "bytes 7-9/10", 206, "789"],
    ["bytes=-2", "bytes 8-9/10", 206, "89"],
    ["bytes=5-100", "bytes 5-9/10", 206, "56789"],
    ["bytes=0-0,5-6", "", 200, "0123456789"],
    ["bytes=5-2", "", 200, "0123456789"],
    ["items=0-1", "", 200, "0123456789"],
  ])("of %j", async (range, contentRange, status, text) => {
    const response = await download("other", file, { headers: { range } });
    expect({ status: response.status, text: response.content.toString() }).toEqual({ status, text });
    expect(response.headers["content-range"] ?? "").toBe(contentRange);
    const head = await download("other", file, { method: "HEAD", headers: { range } });
    expect(head).toMatchObject({ status, headers: { "content-length": String(text.length) } });
    expect(head.content).toHaveLength(0);
  });

  test("of a part that is not there says how many bytes there are", async () => {
    const response = await download("other", file, { headers: { range: "bytes=10-" } });
    expect(response).toMatchObject({ status: 416, headers: { "content-range": "bytes */10" } });
    expect(JSON.parse(response.content.toString())).toMatchObject({ error: { code: "COMMAND_INVALID" } });
  });

  test("of a part is all of it where the content is another one", async () => {
    const headers = { range: "bytes=1-2", "if-range": '"another"' };
    expect(await download("other", file, { headers })).toMatchObject({ status: 200, content });
    const etag = String((await download("other", file)).headers.etag);
    const same = await download("other", file, { headers: { ...headers, "if-range": etag } });
    expect(same).toMatchObject({ status: 206 });
  });

  test("is empty where the client has it already", async () => {
    const etag = String((await download("other", file)).headers.etag);
    for (const header of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
      const response = await download("other", file, { headers: { "if-none-match": header } });
      expect(response.status).toBe(304);
      expect(response.content).toHaveLength(0);
    }
    expect(await download("other", file, { headers: { "if-none-match": '"x"' } })).toMatchObject({ status: 200 });
  });

  test("of an empty file", async () => {
    const empty = await uploaded("user", { room: await fixture.createRoom(), content: Buffer.alloc(0) });
    expect(empty).toMatchObject({ bytes: 0 });
    expect(await download("user", empty)).toMatchObject({ status: 200, headers: { "content-length": "0" } });
  });
});

/** Every way to ask for a file. */
const WAYS = [
  { method: "GET" },
  { method: "HEAD" },
  { method: "GET", headers: { range: "bytes=0-1" } },
  { method: "GET", headers: { "if-none-match": "*" } },
  { method: "GET", query: "?download" },
] as const;

async function expectNoFile(username: string, file: MessageFile): Promise<void> {
  for (const way of WAYS) {
    const response = await download(username, file, way);
    const unknown = await download(username, { id: uuidv7(), name: file.name }, way);
    expect(response.status).toBe(username === "outsider" ? 401 : 404);
    expect(response.content).toEqual(unknown.content);
    const headersOf = ({ headers }: typeof response) => Object.keys(headers).sort();
    expect(headersOf(response)).toEqual(headersOf(unknown));
  }
}

describe("a file does not exist", () => {
  test("without a session", async () => {
    await expectNoFile("outsider", (await posted("user", await fixture.createRoom())).file);
  });

  test("for those who cannot see its room, also with its id from a message of theirs", async () => {
    for (const options of [{ private: true }, { staffOnly: true }]) {
      const room = await fixture.createRoom(options, "staff");
      const { file } = await posted("staff", room);
      expect(await download("staff", file)).toMatchObject({ status: 200 });
      await expectNoFile("user", file);
      // The id does not help: it can be posted nowhere, and uploaded nowhere.
      const open = await fixture.createRoom();
      expect(await post("user", open, [file.id])).toMatchObject({
        status: 404,
        body: { error: { code: "FILE_NOT_FOUND" } },
      });
      expect(await post("user", open, [uuidv7()])).toMatchObject({
        status: 404,
        body: { error: { code: "FILE_NOT_FOUND" } },
      });
      expect(await upload("user", { room })).toMatchObject({ status: 404, body: { error: { code: "ROOM_INVALID" } } });
    }
  });

  test("for staff in a direct conversation of others", async () => {
    const { id } = await fixture.getAuthor("other");
    const opened = await fixture.requestAs("user", { method: "POST", url: "/api/direct", payload: { user: id } });
    const { room } = bodyOf<{ room: StoredRoom }>(opened);
    const { file } = await posted("user", room);
    expect(await download("other", file)).toMatchObject({ status: 200 });
    await expectNoFile("superuser", file);
  });

  test("for a member who was removed, and again for one who came back", async () => {
    const room = await fixture.createRoom({ private: true }, "staff");
    const { id } = await fixture.getAuthor("user");
    await membership("staff", "POST", room, id);
    const { file } = await posted("user", room);
    const unposted = await uploaded("user", { room });
    expect(await download("user", file)).toMatchObject({ status: 200 });
    await membership("staff", "DELETE", room, id);
    await expectNoFile("user", file);
    await expectNoFile("user", unposted);
    expect(await upload("user", { room })).toMatchObject({ status: 404 });
    await membership("staff", "POST", room, id);
    expect(await download("user", file)).toMatchObject({ status: 200 });
  });

  test("for others before it is posted", async () => {
    const room = await fixture.createRoom();
    const file = await uploaded("user", { room });
    expect(await download("user", file)).toMatchObject({ status: 200 });
    for (const username of ["other", "superuser"]) await expectNoFile(username, file);
    expect(await post("other", room, [file.id])).toMatchObject({ status: 404 });
    await post("user", room, [file.id]);
    expect(await download("other", file)).toMatchObject({ status: 200 });
  });

  test("once its message is deleted, and its content is removed an hour later", async () => {
    const room = await fixture.createRoom();
    const { file, message } = await posted("user", room);
    const hash = String((await download("user", file)).headers.etag).replaceAll('"', "");
    const stored = async () => {
      const names = await readdir(join(fixture.files.storage.incoming, "..", hash.slice(0, 2)));
      return names.filter((name) => name.startsWith(hash)).length;
    };
    await fixture.requestAs("user", { method: "DELETE", url: `/api/rooms/${room.number}/messages/${message.id}` });
    await expectNoFile("user", file);
    await collectFiles(fixture.context, fixture.files);
    expect(await stored()).toBe(1);
    await collectFiles(fixture.context, fixture.files, { removalDelayMs: -1_000 });
    expect(await stored()).toBe(0);
  });

  test("once its room is deleted", async () => {
    const room = await fixture.createRoom();
    const { file } = await posted("user", room);
    await fixture.requestAs("superuser", { method: "DELETE", url: `/api/rooms/${room.number}` });
    await expectNoFile("user", file);
  });
});

describe("an upload is refused", () => {
  test("in a room in which the user cannot write", async () => {
    const room = await fixture.createRoom();
    const { id } = await fixture.getAuthor("user");
    await membership("user", "POST", room, id);
    await fixture.requestAs("staff", {
      method: "PATCH",
      url: `/api/rooms/${room.number}/members/${id}`,
      payload: { muteSeconds: 60 },
    });
    expect(await upload("user", { room })).toMatchObject({ status: 403, body: { error: { code: "MEMBER_MUTED" } } });
    await fixture.requestAs("staff", {
      method: "PATCH",
      url: `/api/rooms/${room.number}`,
      payload: { archived: true },
    });
    expect(await upload("other", { room })).toMatchObject({ status: 409, body: { error: { code: "ROOM_ARCHIVED" } } });
  });

  test("where it is too large, by its header and by its bytes", async () => {
    const room = await fixture.createRoom();
    const tooLarge = { status: 413, body: { error: { code: "PAYLOAD_TOO_LARGE" } } };
    expect(await upload("user", { room, content: Buffer.alloc(20_001) })).toMatchObject(tooLarge);
    const token = await fixture.token("user");
    const url = await fixture.app.listen({ port: 0, host: "127.0.0.1" });
    const response = await fetch(`${url}/api/rooms/${room.number}/files?name=a&clientId=${uuidv7()}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/octet-stream" },
      body: new Blob([Buffer.alloc(30_000)]).stream(),
      duplex: "half",
    } as RequestInit);
    expect(response.status).toBe(413);
    expect(await readdir(fixture.files.storage.incoming)).toEqual([]);
  });

  test("where the user's files take all the space that they have", async () => {
    const room = await fixture.createRoom();
    await fixture.createPerson({ username: "hoarder" });
    for (let count = 0; count < 10; count += 1) {
      expect(await upload("hoarder", { room, content: Buffer.alloc(20_000, count) })).toMatchObject({ status: 201 });
    }
    const refused = { status: 409, body: { error: { code: "LIMIT_EXCEEDED" } } };
    expect(await upload("hoarder", { room })).toMatchObject(refused);
    expect(await upload("user", { room })).toMatchObject({ status: 201 });
  });

  test("with another type, without a name, and with a name that is a path to nothing", async () => {
    const room = await fixture.createRoom();
    for (const type of ["text/plain", "multipart/form-data; boundary=x", "application/octet-stream; charset=utf-8"]) {
      const response = await upload("user", { room, headers: { "content-type": type } });
      expect([400, 415]).toContain(response.status);
    }
    for (const name of ["", "..", "a\0b"]) {
      expect(await upload("user", { room, name })).toMatchObject({
        status: 400,
        body: { error: { code: "COMMAND_INVALID" } },
      });
    }
    expect(await uploaded("user", { room, name: "../../etc/passwd" })).toMatchObject({ name: "passwd" });
  });
});

test("what crashes have left is swept away, and nothing else", async () => {
  const room = await fixture.createRoom();
  const { file } = await posted("user", room);
  const { storage } = fixture.files;
  for (const name of ["part", "lost"]) await writeFile(join(storage.incoming, name), "left");
  await storage.put(join(storage.incoming, "lost"), "00lost");
  await sweepStorage(fixture.context, fixture.files);
  expect(await storage.size("00lost")).toBe(4);
  await sweepStorage(fixture.context, fixture.files, { abandonedMs: -60_000 });
  expect(await storage.size("00lost")).toBeUndefined();
  expect(await readdir(storage.incoming)).toEqual([]);
  expect((await download("other", file)).status).toBe(200);
});
