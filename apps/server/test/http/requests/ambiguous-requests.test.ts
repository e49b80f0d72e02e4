import { describe, expect, test } from "vitest";
import { expectError, request, send, server, status, upgrade, useRawRequests } from "./raw-requests.ts";

useRawRequests();

describe("several Host headers are refused", () => {
  test.each([
    [["Host: chat.example", "Host: evil.example"]],
    [["Host: chat.example", "Host: chat.example"]],
    [["host: chat.example", "HOST: chat.example"]],
    [["Host: chat.example", "X: y", "Host:"]],
  ])("%j", async (headers) => {
    for (const path of ["/healthz", "/api/me", "/"]) {
      expectError(await request(`GET ${path} HTTP/1.1`, headers), 400, "COMMAND_INVALID");
    }
    expect(status(await upgrade("/ws", { headers }))).toBe(400);
  });

  test.each([
    "a b",
    "a/b",
    "user@chat.example",
    "chat.example/",
    "a\tb",
    "[::1",
    "chat.example:x",
    "<a>",
    "a?b",
    "a#b",
    '"a"',
  ])("and one that is no host: %j", async (host) => {
    expectError(await request("GET /healthz HTTP/1.1", [`Host: ${host}`]), 400, "COMMAND_INVALID");
  });

  test.each([
    "",
    "chat.example:8000",
    "chat.example:",
    "[::1]:80",
    "127.0.0.1",
    "a_b",
    "xn--r8jz45g.jp",
    "LOCALHOST",
    "a.",
  ])("but not the host %j", async (host) => {
    expect(status(await request("GET /healthz HTTP/1.1", [`Host: ${host}`]))).toBe(200);
  });

  test("and so is none", async () => {
    for (const path of ["/healthz", "/api/me", "/", "/nothing", "/ws"]) {
      expectError(await request(`GET ${path} HTTP/1.1`, []), 400, "COMMAND_INVALID");
    }
    expectError(await upgrade("/ws", { headers: [] }), 400, "COMMAND_INVALID");
    expect(status(await request("GET /healthz HTTP/1.0", [])), "HTTP/1.0 has no such header").toBe(200);
  });

  test.each(["/%", "/%zz", "/api/%E0%A4%A", "/a%ff", "/api/rooms/%80"])(
    "the path %s is answered as any other error",
    async (path) => {
      const received = await request(`GET ${path} HTTP/1.1`);
      expectError(received, status(received), status(received) === 404 ? "NOT_FOUND" : "COMMAND_INVALID");
    },
  );
});

describe("of headers that say who asks, from where or what is sent, several are refused", () => {
  const session = () => `Authorization: Bearer ${server.cookie}`;
  const twice: [string, (line: string) => string][] = [
    ["the same again", (line) => line],
    ["another value", (line) => line.replace(/: .*/, ": other")],
    ["an empty one", (line) => line.replace(/: .*/, ":")],
    ["in upper case", (line) => line.toUpperCase()],
  ];

  test.each(twice)("%s", async (_what, again) => {
    const lines = [
      session(),
      "Origin: http://chat.example",
      "Content-Type: application/json",
      "Sec-Fetch-Site: same-origin",
    ];
    for (const line of lines) {
      for (const path of ["/api/me", "/healthz", "/"]) {
        const headers = ["Host: chat.example", line, "X-Between: 1", again(line)];
        expectError(await request(`GET ${path} HTTP/1.1`, headers), 400, "COMMAND_INVALID");
      }
    }
    for (const line of [session(), "Origin: http://chat.example"]) {
      const headers = ["Host: chat.example", line, again(line)];
      expectError(await upgrade("/ws", { headers }), 400, "COMMAND_INVALID");
      expectError(await upgrade("/chat/stream/", { headers }), 400, "COMMAND_INVALID");
    }
  });

  test.each([
    ["X-Forwarded-For: 192.0.2.1", "X-Forwarded-For: 192.0.2.2"],
    ["X-Forwarded-Host: a.example", "X-Forwarded-Host: b.example"],
    ["X-Forwarded-Proto: http", "X-Forwarded-Proto: https"],
    ["Forwarded: for=192.0.2.1", "Forwarded: for=192.0.2.2"],
    ["Accept: text/html", "Accept: application/json"],
    ["Cookie: a=b", "Cookie: c=d"],
  ])("but not lists, which proxies may split or add to: %s", async (...lines) => {
    expect(status(await request("GET /healthz HTTP/1.1", ["Host: chat.example", ...lines]))).toBe(200);
  });

  test("two session cookies in two Cookie headers sign nobody in, like two in one", async () => {
    for (const lines of [
      [`Cookie: ${server.cookie}`, `Cookie: ${server.cookie}`],
      [`Cookie: ${server.cookie}; ${server.cookie}`],
    ]) {
      expect(status(await request("GET /api/me HTTP/1.1", ["Host: chat.example", ...lines]))).toBe(401);
      const upgraded = await send(
        `${[
          ...["GET /ws HTTP/1.1", "Host: chat.example", "Upgrade: websocket", "Connection: Upgrade"],
          ...["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="],
          ...["Sec-WebSocket-Protocol: multichat.v1", ...lines],
        ].join("\r\n")}\r\n\r\n`,
      );
      expect(status(upgraded)).toBe(401);
    }
  });
});

describe("a parameter that a route does not read is refused, not ignored", () => {
  const ROUTES = [
    "/api/rooms/1/messages",
    "/api/rooms",
    "/api/me",
    "/api/rooms/1",
    "/api/sessions",
    "/api/rooms/1/members",
  ];
  const PARAMETERS = [
    ...["before[]=1", "before[0]=1", "before%5B%5D=1", "before[a]=1", "before=1&before=2", "before=1&before[]=2"],
    ...["Before=1", "before%00=1", "limit.x=1", "limit%20=1", "=1", "__proto__=1", "__proto__[x]=1", "constructor=1"],
    ...["unknown", "unknown=", "unknown=1", "before;after=1", "token=1", "query=x", "%EF%BB%BFbefore=1"],
  ];

  test.each(ROUTES)("%s", async (path) => {
    for (const parameters of PARAMETERS) {
      const { status: got, body } = await server.chat.api("alice", "GET", `${path}?${parameters}`);
      expect([got, body], parameters).toEqual([400, { error: expect.objectContaining({ code: "COMMAND_INVALID" }) }]);
    }
    for (const nothing of ["?", "?&", "?&&"]) {
      expect((await server.chat.api("alice", "GET", `${path}${nothing}`)).status, nothing).toBe(200);
    }
  });

  test.each([
    ["GET", "/api/search?query=tea&query=pot"],
    ["GET", "/api/search?query[]=tea"],
    ["GET", "/api/search?query=tea&limits=5"],
    ["GET", "/api/search?query=tea&limit[]=5"],
    ["GET", "/api/audit?limit[]=5"],
    ["GET", "/api/audit?since="],
    ["GET", "/api/audit?since=0x10"],
    ["GET", "/api/audit?until=1e3"],
    ["GET", "/api/audit?before=0"],
    ["GET", "/api/audit?limit=%20"],
    ["GET", "/api/audit?actors=alice"],
    ["DELETE", "/api/rooms/1/members/bob?bans=true"],
    ["DELETE", "/api/rooms/1/members/bob?ban=true&ban=false"],
    ["DELETE", "/api/rooms/1/members/bob?ban[]=true"],
    ["POST", "/api/rooms?title=x"],
  ])("%s %s", async (method, path) => {
    const { status: got, body } = await server.chat.api(
      "admin",
      method,
      path,
      method === "POST" ? { title: "x" } : undefined,
    );
    expect([got, body]).toEqual([400, { error: expect.objectContaining({ code: "COMMAND_INVALID" }) }]);
  });

  test("a health check and a page take any", async () => {
    for (const path of ["/healthz?probe=1", "/readyz?a[]=1", "/?utm_source=x"]) {
      expect(status(await request(`GET ${path} HTTP/1.1`)), path).not.toBe(400);
    }
  });
});
