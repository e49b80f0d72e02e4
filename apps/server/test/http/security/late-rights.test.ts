import { once } from "node:events";
import { type ClientRequest, type IncomingMessage, request } from "node:http";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestChat } from "../../support/chat-server.ts";

let chat: TestChat;
beforeAll(async () => {
  const people = [{ username: "admin", staff: true, superuser: true }, ...NAMES.map((username) => ({ username }))];
  chat = await TestChat.start({ people });
});
afterAll(() => chat?.close());

const NAMES = ["a", "b", "c", "d", "e", "f"].map((letter) => `user-${letter}`);
let used = 0;
/** Returns a user of its own for each test. */
const nextUser = (): string => NAMES[used++] ?? "none left";

/** Sends the headers of a request, of which the server knows the user then, and not its body yet. */
async function begin(username: string, method: string, path: string, body: object): Promise<() => Promise<Answer>> {
  const text = JSON.stringify(body);
  const { cookie } = await chat.session(username);
  const begun: ClientRequest = request(`${chat.url}${path}`, {
    method,
    agent: false,
    headers: { cookie, "content-type": "application/json", "content-length": text.length, expect: "100-continue" },
  });
  const answered = once(begun, "response") as Promise<[IncomingMessage]>;
  begun.flushHeaders();
  await once(begun, "continue");
  // Answered after the user of the request before has been looked up, in the same process.
  await chat.api(username, "GET", "/api/me");
  return async () => {
    begun.end(text);
    const [response] = await answered;
    return { status: response.statusCode, body: (await json(response)) as Answer["body"] };
  };
}

interface Answer {
  readonly status: number | undefined;
  readonly body: { readonly error?: { readonly code: string } };
}

const newRoom = { title: "Late", staffOnly: true };
const newMessage = () => ({ clientId: crypto.randomUUID(), body: "late" });

describe("a right that is lost while the body of a request arrives", () => {
  test("is there when the body arrives in time", async () => {
    const user = nextUser();
    const finish = await begin(user, "POST", "/api/rooms/1/messages", newMessage());
    expect((await finish()).status).toBe(201);
  });

  test.each<[string, (username: string) => Promise<unknown>, number, string]>([
    ["the account", (username) => chat.changePerson(username, { active: false }), 401, "USER_HAS_TO_LOGIN"],
    ["the session", (username) => chat.api(username, "POST", "/api/auth/sign-out", {}), 401, "USER_HAS_TO_LOGIN"],
    [
      "the password, which has to be chosen first,",
      (username) => chat.changePerson(username, { passwordChangeRequired: true }),
      403,
      "PASSWORD_CHANGE_REQUIRED",
    ],
  ])("%s counts as lost", async (_, lose, status, code) => {
    const user = nextUser();
    const finish = await begin(user, "POST", "/api/rooms/1/messages", newMessage());
    await lose(user);
    expect(await finish()).toMatchObject({ status, body: { error: { code } } });
  });

  test("of the staff counts as lost", async () => {
    const user = nextUser();
    await chat.changePerson(user, { staff: true });
    const finish = await begin(user, "POST", "/api/rooms", newRoom);
    await chat.changePerson(user, { staff: false });
    expect(await finish()).toMatchObject({ status: 403, body: { error: { code: "FORBIDDEN" } } });
  });
});
