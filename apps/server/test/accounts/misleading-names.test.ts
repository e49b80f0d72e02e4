import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { usernameSkeletons } from "../../src/store/people/username-skeleton.ts";
import { TestChat } from "../support/chat-server.ts";

let chat: TestChat;
beforeAll(async () => {
  const people = ["alice", "Mike", "bob", "apple", "paypal", "user10", "Ольга"].map((username) => ({ username }));
  chat = await TestChat.start({ people: [{ username: "boss", staff: true, superuser: true }, ...people] });
});
afterAll(() => chat.close());

const create = (username: string) =>
  chat.api("boss", "POST", "/api/people", { username, password: "a password of twenty-nine letters" });

async function expectRefused(username: string, code: string): Promise<void> {
  const { status, body } = await create(username);
  expect([status, (body as { error?: { code?: string } }).error?.code], username).toEqual([409, code]);
}

describe("a username that looks like another account's is refused", () => {
  test.each([
    ...["AIice", "a1ice", "alіce", "b0b", "rnike", "аррӏе"],
    ...["раураӏ", "userl0", "userI0", "user1O", "0льга"],
  ])("%s", async (username) => {
    const { status, body } = await create(username);
    expect(status, username).not.toBe(201);
    expect(JSON.stringify(body)).toMatch(/USERNAME_CONFUSABLE|COMMAND_INVALID/);
  });

  test.each(["AIice", "a1ice", "b0b", "rnike", "аррӏе", "userl0", "user1O"])("%s, with that reason", (username) =>
    expectRefused(username, "USERNAME_CONFUSABLE"),
  );

  test.each([
    "alice.",
    "alice_",
    "alice-",
    "alice...",
    "Alice.",
    "ALICE_",
    "alice-.",
    "AIice.",
    "Mike.",
    "mike_",
    "ольга-",
    "bob.",
    "paypal__",
  ])("with punctuation at its end: %s", (username) => expectRefused(username, "USERNAME_CONFUSABLE"));

  test.each(["dora.", "erik_", "finn-", "Greta."])("and the other way round: %s was there first", async (username) => {
    expect((await create(username)).status).toBe(201);
    await expectRefused(username.slice(0, -1), "USERNAME_CONFUSABLE");
    await expectRefused(`${username.slice(0, -1)}-_`, "USERNAME_CONFUSABLE");
  });

  test("another spelling of the same name is taken", () => expectRefused("ＡLICE", "USERNAME_TAKEN"));

  test("a rename too, but an account may change the case of its own name", async () => {
    const renamed = await chat.api("boss", "PATCH", "/api/people/bob", { username: "aIice" });
    expect(renamed.status).toBe(409);
    expect((await chat.api("boss", "PATCH", "/api/people/bob", { username: "BOB" })).status).toBe(200);
    expect((await chat.api("boss", "PATCH", "/api/people/bob", { username: "robert" })).status).toBe(200);
    expect((await create("b0b")).status, "the old name is free again").toBe(201);
  });

  test("similar names that do not look the same are accepted", async () => {
    for (const name of ["alicia", "alicé", "bobby", "user11", "user100", "mika", "Олег"]) {
      expect((await create(name)).status, name).toBe(201);
    }
  });

  test("the skeleton of a name does not depend on its case or composition", () => {
    for (const name of ["Mike", "МИХА", "Straße", "ΟΔΥΣΣΕΥΣ", "İlker", "ﬁ", "Nguyễn", "O0o", "WWW"]) {
      const shared = usernameSkeletons(name.toLowerCase()).filter((skeleton) =>
        usernameSkeletons(name).includes(skeleton),
      );
      expect(shared, name).not.toEqual([]);
      expect(usernameSkeletons(name.normalize("NFD"))).toEqual(usernameSkeletons(name.normalize("NFC")));
    }
  });
});

describe("reserved words are no usernames, in any case or look-alike letters", () => {
  test.each([
    ...["all", "ALL", "a11", "aII", "All.", "a.l.l", "here", "everyone", "Everyone_", "channel", "me", "room"],
    ...["admin", "Admin", "ADMIN", "adrnin", "admın", "ad-min", "admi_n", "root"],
    ...["system", "SYSTEM", "operator", "0perator", "moderator", "staff", "support", "null", "nu11", "undefined"],
  ])("%s", (username) => expectRefused(username, "USERNAME_RESERVED"));

  test("words that contain one are names", async () => {
    for (const name of ["allison", "mehdi", "rootsy", "adminka", "heresy"]) {
      expect((await create(name)).status, name).toBe(201);
    }
  });
});
