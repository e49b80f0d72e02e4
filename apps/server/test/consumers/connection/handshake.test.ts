import { SUBPROTOCOL } from "@multichat/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ChatClient } from "../../support/chat-client.ts";
import { TestChat } from "../../support/chat-server.ts";

let chat: TestChat;
beforeAll(async () => {
  chat = await TestChat.start({ env: { LIMIT_COMMANDS_PER_SECOND: "10000", LIMIT_MESSAGE_CHARS: "100" } });
});
afterAll(async () => {
  await chat.close();
});

describe("the handshake", () => {
  const handshake = async (options: ConstructorParameters<typeof ChatClient>[1]) =>
    await new ChatClient(chat.socketUrl, options).settled();

  test("accepts a session cookie, and selects the protocol in the response", async () => {
    const { cookie } = await chat.session("alice");
    const client = await handshake({ cookie, protocols: ["something.else", SUBPROTOCOL] });
    expect(client.isOpen).toBe(true);
    expect(client.ws.protocol).toBe(SUBPROTOCOL);
    client.close();
  });

  test("accepts a token among the offered protocols, and does not return it", async () => {
    const { token } = await chat.session("alice");
    const client = await handshake({ protocols: [SUBPROTOCOL, `bearer.${token}`] });
    expect(client.isOpen).toBe(true);
    expect(client.ws.protocol).toBe(SUBPROTOCOL);
    expect((await client.do("room.list", {})).me.username).toBe("alice");
    client.close();
  });

  test("refuses a wrong token, even with a valid cookie", async () => {
    const { cookie } = await chat.session("alice");
    const client = await handshake({ cookie, protocols: [SUBPROTOCOL, "bearer.nonsense"] });
    expect(client.refused).toBe(401);
  });

  test("refuses a connection without a session with 401", async () => {
    expect((await handshake({})).refused).toBe(401);
    expect((await handshake({ cookie: "session=nonsense" })).refused).toBe(401);
  });

  test("refuses a signed-in client without the protocol with 400", async () => {
    const { cookie } = await chat.session("alice");
    expect((await handshake({ cookie, protocols: [] })).refused).toBe(400);
    expect((await handshake({ cookie, protocols: ["multichat.v2"] })).refused).toBe(400);
  });

  test("refuses the page of another site with 403, and accepts our own", async () => {
    const { cookie } = await chat.session("alice");
    expect((await handshake({ cookie, origin: "https://evil.example" })).refused).toBe(403);
    expect((await handshake({ cookie, origin: "null" })).refused).toBe(403);
    const own = await handshake({ cookie, origin: chat.url });
    expect(own.isOpen).toBe(true);
    own.close();
  });
});
