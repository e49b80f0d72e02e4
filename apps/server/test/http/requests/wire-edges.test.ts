import { describe, expect, test } from "vitest";
import { expectError, request, send, server, status, upgrade, useRawRequests } from "./raw-requests.ts";

useRawRequests();

describe("a method that the server does not know gets the documented error shape", () => {
  test.each(["FOO", "foo", "get", "GETT", "G", "BREW", "X-GET", "PRI", "\u0001", "GET\t", "-", "123"])(
    "%j",
    async (method) => {
      const received = await request(`${method} /api/rooms HTTP/1.1`);
      const [, body = ""] = received.split("\r\n\r\n");
      expect([400, 405]).toContain(status(received));
      expect(JSON.parse(body)).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } });
    },
  );

  test.each(["PROPFIND", "MKCOL", "LINK", "SEARCH", "TRACE", "PURGE", "REPORT", "QUERY", "M-SEARCH", "LOCK"])(
    "%s, which HTTP has and the chat has not",
    async (method) => {
      for (const path of ["/api/rooms", "/", "/healthz", "/nothing"]) {
        const received = await request(`${method} ${path} HTTP/1.1`);
        const [, body = ""] = received.split("\r\n\r\n");
        expect([400, 404, 405], received).toContain(status(received));
        if (method !== "HEAD") expect(JSON.parse(body)).toMatchObject({ error: { code: expect.any(String) } });
      }
    },
  );

  test("CONNECT", async () => {
    expectError(await request("CONNECT chat.example:443 HTTP/1.1"), 405, "METHOD_NOT_ALLOWED");
  });
});

describe("a request that cannot be read gets the documented error shape", () => {
  test.each([
    ["an unknown version", "GET / HTTP/9.9", 400, "COMMAND_INVALID"],
    ["a header without a colon", "GET / HTTP/1.1\r\nnonsense", 400, "COMMAND_INVALID"],
    ["a space in a header's name", "GET / HTTP/1.1\r\nA B: c", 400, "COMMAND_INVALID"],
    ["two lengths", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2", 400, "COMMAND_INVALID"],
    [
      "a length and chunks",
      "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
      400,
      "COMMAND_INVALID",
    ],
    ["a negative length", "POST / HTTP/1.1\r\nContent-Length: -1", 400, "COMMAND_INVALID"],
    ["large headers", `GET / HTTP/1.1\r\nX: ${"x".repeat(20_000)}`, 431, "PAYLOAD_TOO_LARGE"],
    ["an unknown expectation", "GET / HTTP/1.1\r\nExpect: the-unexpected", 417, "COMMAND_INVALID"],
  ])("%s", async (_what, line, expected, code) => {
    expectError(await request(line), expected, code);
  });
});

describe("an upgrade", () => {
  test.each(["/ws", "/ws/", "/ws?x=1", "/ws/?x=1", "/chat/stream", "/chat/stream/"])(
    "of %s is accepted",
    async (target) => {
      expect(status(await upgrade(target))).toBe(101);
    },
  );

  test.each([
    "http://chat.example/ws",
    "HTTP://chat.example/ws",
    "https://chat.example/chat/stream/",
    "ws://chat.example/ws/",
    "http://chat.example:80/ws?x=1",
  ])("with the absolute target %s is accepted like its path", async (target) => {
    expect(status(await upgrade(target))).toBe(101);
  });

  test.each([
    "/ws//",
    "//ws",
    "/WS",
    "/ws/x",
    "/wss",
    "/ws/%2f",
    "http://chat.example",
    "http://chat.example//ws",
    "http://chat.example?/ws",
  ])("of %s is refused with 404", async (target) => {
    expect(status(await upgrade(target))).toBe(404);
  });

  test.each([
    ["another version of the protocol", 426, "COMMAND_INVALID", ["Sec-WebSocket-Version: 8"]],
    ["no key", 400, "COMMAND_INVALID", ["Sec-WebSocket-Key:"]],
    ["no subprotocol", 400, "COMMAND_INVALID", ["Sec-WebSocket-Protocol: other"]],
    ["a foreign origin", 403, "ORIGIN_NOT_ALLOWED", ["Origin: https://evil.example"]],
    ["no session", 401, "USER_HAS_TO_LOGIN", ["Cookie:"]],
    ["another protocol", 400, "COMMAND_INVALID", ["Upgrade: h2c"]],
  ])("with %s gets the documented error shape", async (_what, expected, code, changes) => {
    const defaults = [
      "Host: chat.example",
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "Sec-WebSocket-Protocol: multichat.v1",
      `Cookie: ${server.cookie}`,
    ];
    const nameOf = (header: string) => header.split(":", 1)[0];
    const others = defaults.filter((header) => !changes.some((change) => nameOf(change) === nameOf(header)));
    expectError(await send(`${["GET /ws HTTP/1.1", ...others, ...changes].join("\r\n")}\r\n\r\n`), expected, code);
  });

  test.each(["/nothing", "/api/me", "/"])(
    "of %s, which has no socket, gets the documented error shape",
    async (target) => {
      expectError(await upgrade(target), 404, "NOT_FOUND");
    },
  );

  test.each(["HTTP/1.0", "HTTP/0.9"])("by %s is refused with 400", async (version) => {
    for (const target of ["/ws", "/chat/stream/", "/nothing"]) {
      expect(status(await upgrade(target, { version }))).toBe(400);
    }
  });
});

describe("an absolute target is served like its path", () => {
  test.each([
    ["http://chat.example/healthz", 200],
    ["HTTP://CHAT.EXAMPLE/healthz", 200],
    ["https://chat.example:443/healthz?x=1", 200],
    ["http://127.0.0.1:1/healthz", 200],
    ["http://[::1]/healthz", 200],
    ["http://user@chat.example/healthz", 200],
    ["http://chat.example/api/me", 401],
    ["http://chat.example/api/nothing", 404],
    ["http://chat.example//healthz", 404],
    ["ftp://chat.example/healthz", 404],
  ])("%s", async (target, expected) => {
    expect(status(await request(`GET ${target} HTTP/1.1`))).toBe(expected);
  });
});

describe("the host of an absolute target replaces that of the Host header, as RFC 9112 says", () => {
  const TARGETS: [target: string, host: string, origin: string][] = [
    ["http://chat.example", "other.example", "http://chat.example"],
    ["http://chat.example", "other.example", "https://chat.example"],
    ["HTTP://CHAT.EXAMPLE", "other.example", "http://chat.example"],
    ["http://chat.example:8000", "chat.example", "http://chat.example:8000"],
    ["http://chat.example", "chat.example:8000", "http://chat.example"],
    ["http://chat.example:80", "other.example", "http://chat.example"],
    ["https://chat.example", "other.example", "https://chat.example"],
    ["http://user:password@chat.example", "other.example", "http://chat.example"],
    ["http://other.example@chat.example", "other.example", "http://chat.example"],
    ["http://other.example%2f@chat.example", "other.example", "http://chat.example"],
    ["http://127.0.0.1:8000", "localhost:8000", "http://127.0.0.1:8000"],
    ["http://[::1]:8000", "127.0.0.1:8000", "http://[::1]:8000"],
    ["http://chat.example", "", "http://chat.example"],
    ["http://chat.example.", "chat.example", "http://chat.example."],
  ];
  const changeFrom = (target: string, headers: readonly string[]) =>
    request(`POST ${target}/api/rooms HTTP/1.1`, [...headers, "Content-Type: application/json", "Content-Length: 0"]);

  test.each(TARGETS)("%s beside the Host %j, for a page of %s", async (target, host, origin) => {
    const headers = [`Host: ${host}`, `Origin: ${origin}`];
    expectError(await changeFrom(target, headers), 401, "USER_HAS_TO_LOGIN");
    expect(status(await upgrade(`${target}/ws`, { headers }))).toBe(101);
    expect(status(await upgrade(`${target}/chat/stream/`, { headers }))).toBe(101);
  });

  test.each(TARGETS.filter(([, host]) => host !== ""))(
    "%s beside the Host %j, for a page of the latter",
    async (target, host) => {
      const headers = [`Host: ${host}`, `Origin: http://${host}`];
      expectError(await changeFrom(target, headers), 403, "ORIGIN_NOT_ALLOWED");
      expectError(await upgrade(`${target}/ws`, { headers }), 403, "ORIGIN_NOT_ALLOWED");
    },
  );

  test.each([
    "http://",
    "http://:80",
    "http://user@",
    "http://@",
    "http://a@:1",
    "http://chat.example:x",
    "https://a b",
  ])("%s has no valid host, and is refused", async (target) => {
    expect(status(await request(`GET ${target}/healthz HTTP/1.1`))).toBe(400);
    expect(status(await upgrade(`${target}/ws`))).toBe(400);
  });

  test.each([[[]], [["Host: a", "Host: b"]], [["Host: a/b"]]])(
    "the headers %j are refused nevertheless",
    async (headers) => {
      const target = "http://chat.example";
      expectError(await request(`GET ${target}/healthz HTTP/1.1`, headers), 400, "COMMAND_INVALID");
      expectError(await upgrade(`${target}/ws`, { headers }), 400, "COMMAND_INVALID");
    },
  );
});

describe("a number in a query is decimal digits", () => {
  const invalid = [
    "",
    " ",
    "%20",
    "0x10",
    "1e3",
    "1.0",
    "+5",
    "-0",
    "-1",
    "٣",
    "1_000",
    "Infinity",
    "NaN",
    "null",
    "9".repeat(17),
    "1,2",
  ];
  test.each(["before", "after", "around", "limit"])("%s", async (name) => {
    for (const value of invalid) {
      const { status: got, body } = await server.chat.api(
        "alice",
        "GET",
        `/api/rooms/1/messages?${name}=${encodeURI(value)}`,
      );
      expect(got, value).toBe(400);
      expect(body).toMatchObject({ error: { code: "COMMAND_INVALID" } });
    }
    expect((await server.chat.api("alice", "GET", `/api/rooms/1/messages?${name}=1`)).status).toBe(200);
  });
});

describe("bytes that are not UTF-8 are refused, not replaced", () => {
  const post = (body: Uint8Array, type = "application/json") =>
    send(
      `POST /api/rooms/1/messages HTTP/1.1\r\nHost: chat.example\r\nCookie: ${server.cookie}\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`,
      body,
    );
  const message = (text: Uint8Array) =>
    Buffer.concat([Buffer.from(`{"clientId":"${crypto.randomUUID()}","body":"`), text, Buffer.from('"}')]);

  test.each([
    ["Latin-1", [0x67, 0x72, 0xfc, 0xdf]],
    ["a lone continuation byte", [0x80]],
    ["a cut sequence", [0xe2, 0x82]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["an overlong null", [0xe0, 0x80, 0x80]],
    ["an overlong null of two bytes", [0xc0, 0x80]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["a pair of surrogates (CESU-8)", [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
    ["beyond U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
    ["five bytes", [0xf8, 0x88, 0x80, 0x80, 0x80]],
    ["FE and FF", [0xfe, 0xff]],
    ["Shift JIS", [0x93, 0xfa, 0x96, 0x7b]],
  ])("%s in a body", async (_what, bytes) => {
    expectError(await post(message(Uint8Array.from(bytes))), 400, "COMMAND_INVALID");
  });

  test.each(["utf16le", "latin1"] as const)("a whole body in %s", async (encoding) => {
    const text = '{"clientId":"a","body":"grüße"}';
    expectError(await post(Buffer.from(`\ufeff${text}`, encoding)), 400, "COMMAND_INVALID");
  });

  test.each([
    "iso-8859-1",
    "ISO-8859-15",
    "windows-1252",
    "utf-16",
    "utf-16le",
    "utf-7",
    "shift_jis",
    '"latin1"',
    "us-ascii",
    "gbk",
    "utf-8; charset=iso-8859-1",
    "utf-8;charset=utf-16; charset=utf-8",
    'utf-8; x=y; Charset="latin1"',
  ])("charset=%s", async (charset) => {
    const body = message(Buffer.from("hello"));
    expectError(await post(body, `application/json; charset=${charset}`), 415, "UNSUPPORTED_MEDIA_TYPE");
  });

  test.each(["utf-8", "UTF-8", "utf8", '"utf-8"'])(
    "but charset=%s is accepted, with every character",
    async (charset) => {
      const received = await post(
        message(Buffer.from("grüße 日本 😀 \u{10ffff}")),
        `application/json;charset=${charset}`,
      );
      expect(status(received)).toBeLessThan(300);
    },
  );

  test.each(["\\ud800", "\\udc00", "\\uDFFF", "a\\ud83d", "\\ude00\\ud83d", "\\ud800\\ud800"])(
    "the escape %s of half a character",
    async (escaped) => {
      const received = await post(message(Buffer.from(escaped)));
      expect([400, 422], received).toContain(status(received));
    },
  );

  test.each(["%ff", "%c0%af", "%ed%a0%80", "%e2%82", "%", "%zz", "%u0041", "a%80", "%f4%90%80%80", "%fe"])(
    "%s in a query",
    async (text) => {
      expectError(
        await request(`GET /api/search?query=${text} HTTP/1.1`, ["Host: chat.example", `Cookie: ${server.cookie}`]),
        400,
        "COMMAND_INVALID",
      );
    },
  );
});
