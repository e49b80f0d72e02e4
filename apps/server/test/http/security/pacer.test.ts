import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Pacer } from "../../../src/access/pacer.ts";
import { createRefusalPacer, createRequestPacer } from "../../../src/http/security/request-pace.ts";
import { TestChat } from "../../support/chat-server.ts";

describe("refusals", () => {
  test("are sent at once until they come faster than the limit, then at its pace, and never later than two seconds", () => {
    const pacer = createRefusalPacer(1_200);
    const delays = Array.from({ length: 200 }, () => pacer.delayMs("ip:192.0.2.1", { now: 0 }));
    expect(delays.slice(0, 40)).toEqual(Array.from({ length: 40 }, () => 0));
    expect(delays[40]).toBe(50);
    expect(delays[41]).toBe(100);
    expect(Math.max(...delays)).toBe(2_000);
    expect(pacer.delayMs("ip:192.0.2.2", { now: 0 })).toBe(0);
    expect(pacer.delayMs("ip:192.0.2.1", { now: 10_000 })).toBe(0);
  });

  test("are rarer than requests, of which a page sends many", () => {
    const atOnce = (pacer: Pacer) =>
      Array.from({ length: 1_000 }, () => pacer.delayMs("ip:192.0.2.1", { now: 0 })).filter((delayMs) => delayMs === 0)
        .length;
    expect([atOnce(createRefusalPacer(1_200)), atOnce(createRequestPacer(1_200, "user"))]).toEqual([40, 50]);
    expect(atOnce(createRequestPacer(1_200, "address"))).toBe(100);
  });

  test.each([1, 20, 60])("are not held back longer with a limit of %d a minute", (perMinute) => {
    const pacer = createRefusalPacer(perMinute);
    const delays = Array.from({ length: 100 }, () => pacer.delayMs("user:alice", { now: 0 }));
    expect(delays.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 0));
    expect(Math.max(...delays)).toBe(2_000);
  });
});

describe("requests that take long", () => {
  test.each([2, 5, 9, 20])("are spread by what they take: of %d ordinary ones each", (cost) => {
    const pacer = createRequestPacer(1_200, "user");
    const delays = Array.from({ length: 100 }, () => pacer.delayMs("user:alice", { cost, now: 0 }));
    const atOnce = delays.filter((delayMs) => delayMs === 0).length;
    expect(atOnce).toBe(Math.ceil(50 / cost));
    const last = delays.indexOf(2_000);
    // Each waits for those before it to be paid, at a hundred ordinary ones a second.
    for (let index = atOnce + 1; index < last; index += 1) {
      expect((delays[index] ?? 0) - (delays[index - 1] ?? 0)).toBeCloseTo(10 * cost);
    }
  });

  test.each([
    ["an announced body of any length", Number.MAX_VALUE],
    ["an announced body of infinite length", Number.POSITIVE_INFINITY],
  ])("delay the next for two seconds at most, with %s", (_kind, cost) => {
    const pacer = createRequestPacer(1_200, "user");
    pacer.delayMs("user:alice", { cost, now: 0 });
    expect(pacer.delayMs("user:alice", { now: 0 })).toBe(2_000);
    expect(pacer.delayMs("user:alice", { now: 2_500 })).toBe(0);
  });
});

describe("requests that are refused before a limit can count them", () => {
  let chat: TestChat;
  beforeAll(async () => {
    // So low that nothing becomes free while a busy machine runs the tests.
    chat = await TestChat.start({ env: { LIMIT_REQUESTS_PER_MINUTE: "1", ALLOWED_ORIGINS: "https://app.example" } });
  });
  afterAll(() => chat?.close());

  const HEAD = "HTTP/1.1\r\nHost: chat.example\r\nConnection: close";
  const KINDS: [name: string, sent: string, status: number][] = [
    ["headers that are too long", `GET / ${HEAD}\r\nX: ${"x".repeat(64_000)}\r\n\r\n`, 431],
    ["very many headers", `GET / ${HEAD}\r\n${"a: b\r\n".repeat(20_000)}\r\n`, 431],
    ["a path that is too long", `GET /api/rooms/${"x".repeat(15_000)} ${HEAD}\r\n\r\n`, 400],
    ["a path that cannot be read", `GET /api/rooms/%zz ${HEAD}\r\n\r\n`, 404],
    ["a line that cannot be read", "GET / nonsense\r\n\r\n", 400],
    ["two lengths", `POST / ${HEAD}\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400],
    ["an unknown expectation", `GET / ${HEAD}\r\nExpect: the-unexpected\r\n\r\n`, 417],
    ["too many parameters", `GET /api/search?a${"&a".repeat(5_000)} ${HEAD}\r\n\r\n`, 400],
    ["two hosts", `GET /api/me ${HEAD}\r\nHost: other.example\r\n\r\n`, 400],
    ["a foreign origin", `POST /api/rooms ${HEAD}\r\nOrigin: https://evil.example\r\nContent-Length: 0\r\n\r\n`, 403],
    ["CONNECT", `CONNECT chat.example:443 ${HEAD}\r\n\r\n`, 405],
  ];
  const statusOf = async (sent: string, localAddress = "127.0.0.1"): Promise<number> => {
    const socket = connect({ port: Number(new URL(chat.url).port), host: "127.0.0.1", localAddress });
    let received = "";
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString("latin1");
    });
    socket.on("error", () => {});
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.write(sent);
    await closed;
    return Number(/^HTTP\/1\.1 (\d+)/.exec(received)?.[1]);
  };

  const UPGRADE = `${HEAD.replace("close", "Upgrade")}\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n`;
  const HANDSHAKES: typeof KINDS = [
    ["a handshake without a session", `GET /ws ${UPGRADE}Sec-WebSocket-Protocol: multichat.v1\r\n\r\n`, 401],
    ["one of the classic protocol", `GET /chat/stream/ ${UPGRADE}\r\n`, 403],
    ["one of a foreign page", `GET /ws ${UPGRADE}Origin: https://evil.example\r\n\r\n`, 403],
    ["one without a subprotocol", `GET /ws ${UPGRADE}\r\n`, 400],
    ["one for a path that does not exist", `GET /ws/nowhere ${UPGRADE}\r\n`, 404],
  ];

  test.each([
    ["HTTP requests", KINDS],
    ["WebSocket handshakes", HANDSHAKES],
  ])("are answered late by the address that repeats them, and nobody else waits: %s", async (_what, kinds) => {
    const finished: string[] = [];
    const refuse = async ([name, sent, status]: (typeof KINDS)[number]): Promise<void> => {
      expect([name, await statusOf(sent)]).toEqual([name, status]);
      finished.push(name);
    };
    // As many as are answered at once.
    for (let count = 0; count < 10; count += 1) await refuse(kinds[count % kinds.length] ?? ["", "", 0]);
    const held = kinds.map(refuse);
    expect(await statusOf(`GET /healthz ${HEAD}\r\n\r\n`)).toBe(200);
    finished.push("a health check");
    await Promise.all(held);
    expect(finished.indexOf("a health check")).toBe(10);
  });

  test("preflights are spread too, and nobody else waits for them", async () => {
    const origins = ["https://app.example", "https://evil.example"];
    const preflight = (n: number) =>
      statusOf(
        `OPTIONS /api/rooms ${HEAD}\r\nOrigin: ${origins[n % 2]}\r\nAccess-Control-Request-Method: POST\r\n\r\n`,
      );
    // As many as are answered at once, also to other tests of this address.
    for (let n = 0; n < 10; n += 1) expect([204, 403]).toContain(await preflight(n));
    let answered = 0;
    const held = Array.from({ length: 5 }, async (_, n) => {
      expect([204, 403]).toContain(await preflight(n));
      answered += 1;
    });
    expect(await statusOf(`GET /healthz ${HEAD}\r\n\r\n`, "127.0.0.2")).toBe(200);
    expect(answered).toBeLessThan(5);
    await Promise.all(held);
  });
});
