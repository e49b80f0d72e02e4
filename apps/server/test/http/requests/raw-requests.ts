import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, expect } from "vitest";
import { TestChat } from "../../support/chat-server.ts";

let chat: TestChat;
let cookie: string;

/** Starts a chat for the tests of the calling file, which send it bytes. */
export function useRawRequests(): void {
  beforeAll(async () => {
    chat = await TestChat.start();
    ({ cookie } = await chat.session("alice"));
  });
  afterAll(() => chat?.close());
}

export const server = {
  get chat(): TestChat {
    return chat;
  },
  /** The cookie of alice's session. */
  get cookie(): string {
    return cookie;
  },
};

/** Sends bytes on a connection of their own and returns all bytes that come back. */
export async function send(...parts: readonly (string | Uint8Array)[]): Promise<string> {
  const socket = connect(Number(new URL(chat.url).port), "127.0.0.1");
  let received = "";
  socket.on("data", (chunk: Buffer) => {
    received += chunk.toString("latin1");
    // A WebSocket stays open.
    if (received.startsWith("HTTP/1.1 101")) socket.destroy();
  });
  socket.on("error", () => {});
  for (const part of parts) socket.write(part);
  await once(socket, "close");
  return received;
}

export const request = (line: string, headers: readonly string[] = ["Host: chat.example"]) =>
  send(`${[line, ...headers, "Connection: close"].join("\r\n")}\r\n\r\n`);

export const upgrade = (target: string, { version = "HTTP/1.1", headers = ["Host: chat.example"] } = {}) =>
  send(
    `${[
      `GET ${target} ${version}`,
      ...headers,
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "Sec-WebSocket-Protocol: multichat.v1",
      `Cookie: ${cookie}`,
    ].join("\r\n")}\r\n\r\n`,
  );

export const status = (received: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(received)?.[1]);

/** The headers of every response, also of those that no route sends. */
const SECURITY_HEADERS = [
  "x-content-type-options: nosniff",
  "x-frame-options: deny",
  "referrer-policy: same-origin",
  "cross-origin-resource-policy: same-origin",
  "content-security-policy: default-src 'none'",
  "permissions-policy: camera=()",
  "cache-control: no-store",
];

export function expectError(received: string, expected: number, code: string): void {
  const [head = "", body = ""] = received.split("\r\n\r\n");
  expect(status(head), received).toBe(expected);
  expect(head.toLowerCase()).toContain("content-type: application/json");
  for (const header of SECURITY_HEADERS) expect(head.toLowerCase()).toContain(header);
  expect(JSON.parse(body)).toMatchObject({ error: { code, message: expect.any(String) } });
}
