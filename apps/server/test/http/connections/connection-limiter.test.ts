import { once } from "node:events";
import { createServer, request, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { eventually } from "@multichat/channels/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ConnectionLimiter } from "../../../src/http/connections/connection-limiter.ts";

const BUDGET = { webSockets: 16, http: 6, anonymousPerAddress: 6, reserve: 3 };

let server: Server;
let limiter: ConnectionLimiter;
let lines: Record<string, unknown>[];
let closed: string[];
let unanswered: ServerResponse[];
let sockets: Socket[];

beforeEach(async () => {
  lines = [];
  closed = [];
  unanswered = [];
  sockets = [];
  // Answers what the reserve is for, and leaves every other request without an answer.
  server = createServer((asked, response) => {
    if (asked.url === "/slow") unanswered.push(response);
    else response.end("answered");
  });
  limiter = new ConnectionLimiter({
    budget: BUDGET,
    isTrustedProxy: () => false,
    isSignedIn: async ({ headers }) => {
      // One whose lookup takes long.
      if (headers.cookie === "sessionid=slow") await new Promise(() => {});
      return headers.cookie === "sessionid=real";
    },
    // The casts leave out overloads and kinds of metrics that the limiter does not use.
    logger: { warn: (fields: unknown) => lines.push(fields as Record<string, unknown>) } as never,
    metrics: {
      counter: () => ({ add: ({ reason }: { reason: string }) => closed.push(reason) }),
      gauge: () => {},
    } as never,
  });
  limiter.attach(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server.closeAllConnections();
  server.close();
});

const port = () => (server.address() as AddressInfo).port;

function open(sent: string): Socket {
  const socket = connect(port(), "127.0.0.1", () => socket.write(sent));
  socket.on("error", () => {}).resume();
  sockets.push(socket);
  return socket;
}

/** Takes all ordinary places by requests that are being answered. */
async function takeAllPlaces(): Promise<void> {
  for (let n = 0; n < BUDGET.http; n += 1) open("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  await eventually(() => expect(unanswered).toHaveLength(BUDGET.http));
}

function ask(path: string, headers: Record<string, string> = {}, method = "GET"): Promise<string> {
  return new Promise((resolve) => {
    const asking = request({ port: port(), host: "127.0.0.1", path, headers, method, agent: false }, (response) => {
      let body = "";
      response.on("data", (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on("end", () => resolve(body));
      response.on("error", () => resolve("hung up"));
    });
    asking.on("error", () => resolve("hung up"));
    asking.end();
  });
}

describe("while all places are being answered, the reserve serves", () => {
  const served: [string, string, Record<string, string>, string?][] = [
    ["health checks", "/healthz", {}],
    ["readiness checks", "/readyz", {}],
    ["health checks with a query", "/readyz?probe=1", {}],
    ["signing in", "/api/auth/sign-in/username", {}, "POST"],
    ["a signed-in user's request", "/api/rooms", { cookie: "sessionid=real" }],
    ["a signed-in user's page", "/", { cookie: "sessionid=real" }],
  ];
  test.each(served)("%s, again and again", async (_what, path, headers, method) => {
    await takeAllPlaces();
    for (let n = 0; n < 3 * BUDGET.reserve; n += 1) expect(await ask(path, headers, method)).toBe("answered");
    expect(limiter.size).toBeLessThanOrEqual(BUDGET.http + BUDGET.reserve);
  });

  test.each([
    ["pages", "/", {}],
    ["other requests", "/api/rooms", {}],
    ["a forged session that is being answered", "/slow", { cookie: "sessionid=forged" }],
    ["a forged token that is being answered", "/slow", { authorization: "Bearer forged" }],
    ["a path that begins like a health check", "/healthzzz", {}],
  ] as [string, string, Record<string, string>][])("no %s", async (_what, path, headers) => {
    await takeAllPlaces();
    expect(await ask(path, headers)).toBe("hung up");
    expect(closed).toContain("http_connections_per_address");
    await eventually(() => expect(limiter.size).toBe(BUDGET.http));
  });

  test("health checks beside silent connections that fill the reserve", async () => {
    await takeAllPlaces();
    for (let n = 0; n < 5 * BUDGET.reserve; n += 1) {
      open("");
      expect(await ask("/healthz")).toBe("answered");
    }
    expect(limiter.size).toBeLessThanOrEqual(BUDGET.http + BUDGET.reserve);
  });

  test("health checks and signed-in users beside sessions that are still being looked up and fill the reserve", async () => {
    await takeAllPlaces();
    for (let n = 0; n < 5 * BUDGET.reserve; n += 1) {
      open("GET /slow HTTP/1.1\r\nHost: x\r\nCookie: sessionid=slow\r\n\r\n");
      expect(await ask("/healthz")).toBe("answered");
      expect(await ask("/api/rooms", { cookie: "sessionid=real" })).toBe("answered");
    }
    expect(limiter.size).toBeLessThanOrEqual(BUDGET.http + BUDGET.reserve);
  });

  test("closes a connection of the reserve after its response, and says why others were closed", async () => {
    await takeAllPlaces();
    const socket = open("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(socket, "close");
    await ask("/");
    expect(lines).toEqual([
      expect.objectContaining({ reason: "http_connections_per_address", limit: BUDGET.anonymousPerAddress }),
    ]);
  });

  test("ordinary places as soon as one is free", async () => {
    await takeAllPlaces();
    unanswered[0]?.end("late");
    await eventually(async () => expect(await ask("/")).toBe("answered"));
  });
});

describe("requests sent before the responses to earlier ones", () => {
  const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

  test.each([
    ["short ones", "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"],
    ["malformed only after thousands", `${"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100)}nonsense\r\n`],
    ["with bodies", "POST /slow HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"],
    [
      "with bodies in chunks",
      "POST /slow HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
    ],
    ["without bodies", "HEAD /slow HTTP/1.1\r\nHost: x\r\n\r\n"],
  ])("end the connection beyond 64, and are not handled: %s", async (_kind, sent) => {
    const socket = open(sent.repeat(2_000));
    // It may end with a reset, which `once` would throw.
    await new Promise((resolve) => socket.on("close", resolve));
    expect(unanswered).toHaveLength(64);
    expect(closed).toEqual(["unanswered_requests"]);
    expect(lines).toEqual([expect.objectContaining({ reason: "unanswered_requests", closed: 1, limit: 64 })]);
    expect(limiter.size).toBe(0);
  });

  test("are answered in order up to 64, again and again", async () => {
    const socket = connect(port(), "127.0.0.1");
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    sockets.push(socket);
    for (let round = 1; round <= 5; round += 1) {
      socket.write(GET.repeat(64));
      await eventually(() => expect(text.match(/HTTP\/1\.1 200 /g)).toHaveLength(64 * round));
    }
    expect(closed).toEqual([]);
  });
});
