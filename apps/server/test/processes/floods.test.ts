import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "@multichat/channels/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ChatClient } from "../support/chat-client.ts";
import { signIn, testConfig } from "../support/chat-server.ts";
import { type Credentials, seed } from "../support/seeds.ts";
import { ServerProcess } from "../support/server-process.ts";

const DESCRIPTORS = 400;
const FLOOD = 500;

let dataDir: string;
let server: ServerProcess;
let alice: Credentials;
let page: ChatClient;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "multichat-flood-"));
  await seed(testConfig(dataDir), {});
  server = await ServerProcess.start({
    DATA_DIR: dataDir,
    DESCRIPTORS: String(DESCRIPTORS),
    METRICS_TOKEN: TOKEN,
    LIMIT_REQUESTS_PER_MINUTE: "10000000",
  });
  alice = await signIn(server.url, "alice");
  page = await new ChatClient(server.socketUrl, { cookie: alice.cookie }).settled();
  await page.join(1);
});
afterAll(async () => {
  page?.close();
  await server?.endWith("SIGTERM");
  await rm(dataDir, { recursive: true, force: true });
});

const TOKEN = "a-token-for-the-metrics";
const HOST = "Host: chat.example";
const SLOW_BODY = `POST /api/auth/sign-in/username HTTP/1.1\r\n${HOST}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"us`;
const UPGRADE = `GET /ws HTTP/1.1\r\n${HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n`;

/** Of 140 KB each: together more than the 4 MB that the buffers of a connection hold, so that all places stay in use. */
const LARGE_RESPONSES = 40;
/** Only a server that hangs takes this long for a response, however busy the machine is. */
const RESPONSE_TIMEOUT_MS = 1_000_000;

/** What a connection of each flood sends before it keeps still. */
const FLOODS: readonly [kind: string, sent: string][] = [
  ["silent connections", ""],
  ["a single byte", "G"],
  ["a line feed", "\r\n"],
  ["a request line without headers", "GET / HTTP/1.1\r\n"],
  ["headers without an end", `GET / HTTP/1.1\r\n${HOST}\r\nX-A: 1\r\n`],
  ["a body without an end", SLOW_BODY],
  [
    "a chunked body without an end",
    `POST /api/setup HTTP/1.1\r\n${HOST}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`,
  ],
  ["a body that waits to be continued", SLOW_BODY.replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n")],
  ["idle connections after a response", `GET /healthz HTTP/1.1\r\n${HOST}\r\n\r\n`],
  ["idle connections after a refusal", `GET /api/rooms HTTP/1.1\r\n${HOST}\r\n\r\n`],
  ["an upgrade without an end", UPGRADE],
  ["upgrades without a session", `${UPGRADE}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`],
  ["pages that are not read", `GET / HTTP/1.1\r\n${HOST}\r\nAccept: text/html\r\n\r\n`],
  ["large responses that are not read", `GET /api/openapi.json HTTP/1.1\r\n${HOST}\r\n\r\n`.repeat(LARGE_RESPONSES)],
  [
    "large responses to forged sessions that are not read",
    `GET /api/openapi.json HTTP/1.1\r\n${HOST}\r\nCookie: sessionid=forged\r\n\r\n`.repeat(LARGE_RESPONSES),
  ],
];

describe("a flood of connections without a session leaves room for users and health checks", () => {
  test.each(FLOODS)("%s, from one address", async (_kind, sent) => {
    await expectService(sent, () => "127.0.0.1");
  });

  test.each(FLOODS)("%s, from many addresses", async (_kind, sent) => {
    await expectService(sent, (n) => `127.0.${1 + (n % 50)}.${1 + (n % 200)}`);
  });
});

/** Two floods have to fit the backlog of 4,096: what one leaves there is accepted before the next one begins. */
const AT_ONCE = 2_000;

describe("thousands of connections at once, and again whenever they are closed, keep out no health check and no user", () => {
  test.each([
    ["silent", ""],
    ["without the end of the headers", "GET / HTTP/1.1\r\n"],
    ["each with a forged session", `GET /api/rooms HTTP/1.1\r\n${HOST}\r\nCookie: sessionid=forged\r\n\r\n`],
  ])("%s", async (_kind, sent) => {
    const env = { PORT: new URL(server.url).port, COUNT: String(AT_ONCE), SENT: sent };
    const flood = fork(fileURLToPath(new URL("../support/flood-child.ts", import.meta.url)), { env });
    const countOpened = async (): Promise<number> => {
      flood.send("count");
      const [opened] = await once(flood, "message");
      return opened as number;
    };
    try {
      // More than the server holds have come and gone.
      await eventually(async () => (await countOpened()) > AT_ONCE + DESCRIPTORS);
      for (let n = 0; n < 4; n += 1) {
        expect(await getAgain("/healthz")).toMatchObject({ status: 200 });
        expect(await getAgain("/readyz")).toMatchObject({ status: 200 });
        expect(await getAgain("/api/rooms", { cookie: alice.cookie })).toMatchObject({ status: 200 });
        await page.say("1", "still here");
      }
    } finally {
      flood.kill();
      await once(flood, "exit");
      // Behind what is left of the flood.
      await getAgain("/healthz");
    }
  });
});

test("a client that sends nothing, or no end of its headers, is disconnected", async () => {
  const silent = open("127.0.7.1").resume();
  await eventually(() => expect(silent.destroyed).toBe(true));
  const slow = open("127.0.7.2", "GET / HTTP/1.1\r\n").resume();
  await eventually(() => expect(slow.destroyed).toBe(true));
});

test("the log and the metrics say which limit was reached", async () => {
  expect(server.output).toContain("closed HTTP connections at a limit");
  const { body } = await get("/metrics", { authorization: `Bearer ${TOKEN}` });
  for (const reason of ["http_connections", "http_connections_per_address", "first_byte"]) {
    const [, count] =
      new RegExp(`multichat_http_connections_closed_total\\{reason="${reason}"\\} (\\d+)`).exec(body) ?? [];
    expect(Number(count), reason).toBeGreaterThan(0);
  }
});

async function expectService(sent: string, address: (n: number) => string): Promise<void> {
  const flood: Socket[] = [];
  try {
    for (let n = 0; n < FLOOD; n += 1) flood.push(open(address(n), sent));
    await Promise.all(flood.map((socket) => settled(socket)));
    for (let n = 0; n < 10; n += 1) {
      expect(await get("/healthz")).toMatchObject({ status: 200 });
      expect(await get("/readyz")).toMatchObject({ status: 200 });
      expect(await get("/api/rooms", { cookie: alice.cookie })).toMatchObject({ status: 200 });
      // Answered, also where the web client is not built.
      expect([200, 503]).toContain((await get("/", { cookie: alice.cookie, accept: "text/html" })).status);
    }
    expect((await signIn(server.url, "bob")).token).not.toBe("");
    await page.say("1", "still here");
    const second = await new ChatClient(server.socketUrl, { cookie: alice.cookie }).settled();
    await second.join(1);
    second.close();
  } finally {
    for (const socket of flood) socket.destroy();
  }
}

function open(localAddress: string, sent = ""): Socket {
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(server.url).port), localAddress });
  socket.on("error", () => {});
  socket.on("end", () => socket.destroy());
  socket.once("connect", () => socket.write(sent));
  return socket;
}

/** Resolves when the connection is open, or closed by the server. */
async function settled(socket: Socket): Promise<void> {
  if (!socket.connecting) return;
  await new Promise<void>((resolve) => {
    socket.once("connect", resolve);
    socket.once("close", () => resolve());
  });
}

/**
 * As a load balancer, tries again when the connection is closed: on a busy machine more newcomers than the server holds may
 * come between the opening of a connection and its first byte.
 */
async function getAgain(path: string, headers: Record<string, string> = {}): ReturnType<typeof get> {
  return await vi.waitFor(() => get(path, headers), { timeout: RESPONSE_TIMEOUT_MS, interval: 20 });
}

/** Sends a request on a connection of its own, as a load balancer's health check does. */
function get(path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asking = request(
      `${server.url}${path}`,
      { headers, agent: false, timeout: RESPONSE_TIMEOUT_MS },
      (response) => {
        let body = "";
        response.on("data", (chunk: Buffer) => {
          body += chunk.toString();
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      },
    );
    asking.on("timeout", () => asking.destroy(new Error(`expected a response within ${RESPONSE_TIMEOUT_MS} ms`)));
    asking.on("error", reject);
    asking.end();
  });
}
