import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestChat } from "../../support/chat-server.ts";
import { Socket } from "../../support/socket.ts";
import { HttpFixture } from "../http-fixture.ts";

const PAGE = `<!doctype html><html><head><meta name="base-path" content="" />
<link rel="icon" href="/favicon.svg" /><script>"inline /assets";</script><style>/* "/assets" */</style>
<link rel="preload" href="/assets/font.woff2" /><script type="module" src="/assets/chat-1.js"></script></head></html>`;

/** Paths that the chat is served under. */
const BASES = ["/chat", "/a/b/c", "/%C3%A7hat", "/chat/chat", "/chat/stream", "/ws", "/x.y_z~1-2"];
/** Those that are also names of the chat's own pages and files. */
const OWN_NAMES = ["/rooms", "/login", "/assets", "/admin/people"];

let webDir: string;
const fixtures = new Map<string, HttpFixture>();
beforeAll(async () => {
  webDir = await mkdtemp(join(tmpdir(), "multichat-web-"));
  await mkdir(join(webDir, "assets"));
  await writeFile(join(webDir, "index.html"), PAGE);
  await writeFile(join(webDir, "assets", "chat-1.js"), "export {};");
  await writeFile(join(webDir, "favicon.svg"), "<svg/>");
  for (const base of [...BASES, ...OWN_NAMES]) {
    fixtures.set(
      base,
      await HttpFixture.open({ webDir, env: { PUBLIC_URL: `https://example.org${base}/`, METRICS_ACCESS: "anyone" } }),
    );
  }
});
afterAll(async () => {
  for (const fixture of fixtures.values()) await fixture.close();
  await rm(webDir, { recursive: true });
});

const get = (base: string, url: string, headers: Record<string, string> = {}) => {
  const fixture = fixtures.get(base);
  if (fixture === undefined) throw new Error(`expected a server under ${base}`);
  return fixture.request({ method: "GET", url, headers });
};
/** Returns the status of a request whose target is sent as it is, without resolving dots. */
async function statusOfTarget(base: string, target: string): Promise<number | undefined> {
  const { server } = fixtures.get(base)?.app ?? {};
  if (server === undefined) throw new Error(`expected a server under ${base}`);
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return await new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path: target, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on("error", reject).end();
  });
}

const browser = { accept: "text/html,application/xhtml+xml" };

describe.each([...BASES, ...OWN_NAMES])(
  "under %s, behind a proxy that passes the path on and one that removes it,",
  (base) => {
    /** The same request through each of the proxies. */
    const variants = (path: string) => [`${base}${path}`, path];

    test("the page knows where it is, and its files are below the path", async () => {
      for (const path of ["/", "/login", "/rooms/3?seq=4", "/admin/people", "/settings", "/search?q=a%20b"]) {
        for (const url of variants(path)) {
          const page = await get(base, url, browser);
          expect([url, page.status], url).toEqual([url, 200]);
          expect(page.text).toContain(`<meta name="base-path" content="${base}" />`);
          expect(page.text).toContain(`src="${base}/assets/chat-1.js"`);
          expect(page.text).toContain(`href="${base}/assets/font.woff2"`);
          expect(page.text).toContain(`href="${base}/favicon.svg"`);
          // The policy allows the inline elements by the hashes of their text.
          expect(page.text).toContain('<script>"inline /assets";</script><style>/* "/assets" */</style>');
        }
      }
      expect((await get(base, base, browser)).text).toContain(`content="${base}"`);
    });

    test("files keep their caching headers", async () => {
      for (const url of variants("/assets/chat-1.js")) {
        const file = await get(base, url);
        expect([file.status, file.headers["cache-control"]]).toEqual([200, "public, max-age=31536000, immutable"]);
      }
      for (const url of variants("/favicon.svg")) {
        expect((await get(base, url)).headers["cache-control"]).toBe("no-cache");
      }
      for (const url of variants("/assets/old-2.js")) {
        expect((await get(base, url, browser)).body.error?.code).toBe("NOT_FOUND");
      }
    });

    test("health, metrics, the API and its document answer", async () => {
      for (const url of [...variants("/healthz"), ...variants("/readyz"), ...variants("/metrics")]) {
        expect([url, (await get(base, url)).status]).toEqual([url, 200]);
      }
      for (const url of variants("/api/me")) expect([url, (await get(base, url)).status]).toEqual([url, 401]);
      for (const url of variants("/api/openapi.json")) {
        expect((await get(base, url)).body).toMatchObject({ servers: [{ url: `https://example.org${base}` }] });
      }
      for (const url of variants("/api/docs")) {
        const page = await get(base, url, browser);
        expect([url, page.status]).toEqual([url, 200]);
        expect(page.text).toContain(`href="${base}/api/docs/static/swagger-ui.css"`);
      }
      for (const url of variants("/api/docs/static/index.html")) {
        const moved = await get(base, url, browser);
        expect([moved.status, moved.headers.location]).toEqual([302, `${base}/api/docs/`]);
      }
    });

    test("cookies are valid below the path only, and named __Secure-sessionid", async () => {
      const fixture = fixtures.get(base);
      const { answer } = (await fixture?.signIn("user")) ?? {};
      const [cookie, removed, device] = answer?.cookies ?? [];
      expect(cookie).toMatch(/^__Secure-sessionid=[^;]+;(?=.*; Secure)(?=.*; HttpOnly)(?!.*Domain)/);
      expect(removed).toMatch(/^sessionid=; Max-Age=0;/);
      expect(device).toMatch(/^multichat_device=/);
      for (const line of [cookie, removed, device]) expect(line).toMatch(new RegExp(`; Path=${base}(;|$)`));
      const value = /=([^;]+)/.exec(cookie ?? "")?.[1];
      const statusOf = async (header: string) => (await get(base, `${base}/api/me`, { cookie: header })).status;
      expect(await statusOf(`__Secure-sessionid=${value}`)).toBe(200);
      expect(await statusOf(`sessionid=${value}`)).toBe(200);
      // Another program at the root of the host may have cookies of the same names.
      expect(await statusOf(`__Host-sessionid=other; sessionid=other; __Secure-sessionid=${value}`)).toBe(200);
      expect(await statusOf(`__Host-sessionid=${value}`)).toBe(401);
      expect(await statusOf(`__Secure-sessionid=${value}; __Secure-sessionid=x`)).toBe(401);
    });

    test("only pages of the origin may change something", async () => {
      const fixture = fixtures.get(base);
      const signOut = async (origin: string) =>
        (
          await fixture?.request({
            method: "POST",
            url: `${base}/api/auth/sign-out`,
            payload: {},
            headers: { origin, host: "example.org" },
          })
        )?.status;
      expect(await signOut("https://example.org")).toBe(200);
      for (const origin of [`https://example.org${base}`, "https://other.example", "http://example.org", "null"]) {
        expect(await signOut(origin), origin).toBe(403);
      }
    });
  },
);

describe.each(BASES)("under %s", (base) => {
  test.each([
    "//",
    "//rooms/1",
    "//healthz",
    "/../healthz",
    "/./healthz",
    "/%2e%2e/healthz",
    "/%2fhealthz",
    "/healthz/",
    "/nowhere",
    "/api/../healthz",
  ])("nothing is served at %s", async (path) => {
    expect(await statusOfTarget(base, `${base}${path}`)).toBe(404);
  });

  test.each(["er", "er/healthz", "%2f", "%2fhealthz", "%00", "x/rooms/1", ";a/healthz"])(
    "a path that only begins like it is another one: %s",
    async (rest) => {
      expect(await statusOfTarget(base, `${base}${rest}`)).toBe(404);
    },
  );
});

test("the encoded path of a request is compared by what it means", async () => {
  for (const url of ["/%C3%A7hat/healthz", "/%c3%a7hat/healthz", "/%C3%A7%68at/healthz"]) {
    expect([url, (await get("/%C3%A7hat", url)).status]).toEqual([url, 200]);
  }
  for (const url of ["/%c3%a7hat%2fhealthz", "/c%CC%A7hat/healthz", "/%E7hat/healthz", "/%/healthz", "/chat/healthz"]) {
    expect((await get("/%C3%A7hat", url)).status, url).toBe(404);
  }
});

test("an absolute request target is read as its path", async () => {
  for (const target of ["https://example.org/chat/healthz", "http://other.example/healthz"]) {
    expect(await statusOfTarget("/chat", target)).toBe(200);
  }
});

test("the page is sent compressed, and again only when it has changed", async () => {
  const fixture = fixtures.get("/chat");
  const fetchPage = (headers: Record<string, string>, url = "/chat/") =>
    fixture?.app.inject({ method: "GET", url, headers: { ...browser, ...headers } });
  const plain = (await fetchPage({}))?.body;
  const cases: [accepted: string, encoding: string | undefined, decode: (body: Buffer) => Buffer][] = [
    ["gzip, deflate, br, zstd", "br", brotliDecompressSync],
    ["gzip", "gzip", gunzipSync],
    ["br;q=0, gzip;q=0.5", "gzip", gunzipSync],
    ["br;q=0.0", undefined, (body) => body],
    ["identity", undefined, (body) => body],
  ];
  for (const [accepted, encoding, decode] of cases) {
    const answer = await fetchPage({ "accept-encoding": accepted });
    expect(answer?.headers["content-encoding"]).toBe(encoding);
    expect(answer?.headers.vary).toMatch(/accept-encoding/i);
    expect(decode(answer?.rawPayload ?? Buffer.alloc(0)).toString()).toBe(plain);
    const again = await fetchPage({ "accept-encoding": accepted, "if-none-match": String(answer?.headers.etag) });
    expect([again?.statusCode, again?.body]).toEqual([304, ""]);
  }
  expect((await fetchPage({ "if-none-match": "*" }, "/chat/nowhere"))?.statusCode).toBe(404);
});

describe("sockets", () => {
  let chat: TestChat;
  beforeAll(async () => {
    chat = await TestChat.start({ people: [{ username: "alice" }], env: { PUBLIC_URL: "https://example.org/chat/" } });
  });
  afterAll(() => chat?.close());

  const connect = async (path: string, protocols: readonly string[]) => {
    const { cookie } = await chat.session("alice");
    const options = { cookie, protocols, origin: "https://example.org" };
    const socket = await new Socket(`${chat.socketUrl}${path}`, options).settled();
    socket.close();
    return socket.refused ?? 101;
  };

  test("open below the path and, behind a proxy that removes it, without it", async () => {
    for (const path of ["/chat/ws", "/chat/ws/", "/ws", "/ws/", "/%63hat/ws"]) {
      expect([path, await connect(path, ["multichat.v1"])]).toEqual([path, 101]);
    }
    for (const path of ["/chat/chat/stream/", "/chat/chat/stream", "/chat/stream/", "/chat/stream"]) {
      expect([path, await connect(path, [])]).toEqual([path, 101]);
    }
  });

  test.each(["/chat/chat/ws", "/chat/chat/chat/stream/", "/chatty/ws", "/chat//ws", "/chat/stream/ws", "/chat/", "/"])(
    "%s is none of them",
    async (path) => {
      expect(await connect(path, ["multichat.v1"])).toBe(404);
    },
  );

  test("the addresses that are printed are public ones", async () => {
    await using fresh = await TestChat.start({ people: [], env: { PUBLIC_URL: "https://example.org/chat" } });
    expect(fresh.running.setupUrl).toMatch(/^https:\/\/example\.org\/chat\/setup\W/);
  });
});
