import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HttpHouse } from "./http-fixture.ts";

let house: HttpHouse;
let webDir: string;
beforeAll(async () => {
  webDir = await mkdtemp(join(tmpdir(), "multichat-web-"));
  await mkdir(join(webDir, "assets"));
  await writeFile(join(webDir, "index.html"), "<!doctype html><title>the page</title>");
  await writeFile(join(webDir, "assets", "index-3f2a.js"), "export {};");
  await writeFile(join(webDir, "favicon.svg"), "<svg/>");
  house = await HttpHouse.open({ webDir, env: { METRICS_TOKEN: "0123456789abcdef" } });
});
afterAll(async () => {
  await house.close();
  await rm(webDir, { recursive: true });
});

const browser = { accept: "text/html,application/xhtml+xml" };
const get = (url: string, headers: Record<string, string> = {}) => house.ask({ method: "GET", url, headers });

describe("the web client", () => {
  test.each([
    "/",
    "/login",
    "/login?next=%2Frooms%2F1",
    "/setup?token=x",
    "/rooms/1",
    "/rooms",
    "/admin/people",
    "/settings/sessions",
  ])("%s is its one page, never kept without asking", async (url) => {
    const page = await get(url, browser);
    expect([page.status, page.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    expect(page.text).toContain("the page");
    expect(page.headers["cache-control"]).toBe("no-cache");
  });

  test("files named by their content are kept for ever, others are asked for again", async () => {
    const asset = await get("/assets/index-3f2a.js");
    expect(asset.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    expect(asset.headers["content-type"]).toMatch(/javascript/);
    const icon = await get("/favicon.svg");
    expect([icon.status, icon.headers["cache-control"]]).toEqual([200, "no-cache"]);
  });

  test("an address that is no page is drawn for a browser, as a 404", async () => {
    const page = await get("/nowhere", browser);
    expect([page.status, page.text.includes("the page")]).toEqual([404, true]);
  });

  test("a file that is not there is no page: a script must not be answered with HTML", async () => {
    for (const url of ["/assets/old-1234.js", "/api/nothing"]) {
      const answer = await get(url, browser);
      expect([url, answer.status, answer.body.error?.code]).toEqual([url, 404, "NOT_FOUND"]);
    }
  });

  test("nothing outside its folder is served", async () => {
    for (const url of [
      "/../package.json",
      "/%2e%2e/%2e%2e/etc/passwd",
      "/..%2f..%2fetc%2fpasswd",
      "/assets/..%2f..%2f..%2fetc%2fpasswd",
    ]) {
      const answer = await get(url);
      expect(answer.status).toBe(404);
      expect(answer.text).not.toContain("root:");
    }
  });

  test("where it is not built, a person is told what to do", async () => {
    const bare = await HttpHouse.open({ people: false });
    try {
      const page = await bare.ask({ method: "GET", url: "/", headers: browser });
      expect([page.status, page.text]).toEqual([503, expect.stringContaining("npm run build")]);
    } finally {
      await bare.close();
    }
  });
});

describe("security headers", () => {
  test.each(["/", "/api/me", "/api/docs", "/healthz", "/nowhere", "/assets/index-3f2a.js"])("%s", async (url) => {
    const { headers } = await get(url, { ...browser, host: "chat.example:8000" });
    const policy = String(headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("style-src 'self';");
    expect(policy).toContain("img-src 'self' data:;");
    expect(policy).toContain("connect-src 'self' ws://chat.example:8000 wss://chat.example:8000;");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["x-frame-options"]).toBe("DENY");
    expect(headers["referrer-policy"]).toBe("same-origin");
    expect(headers["strict-transport-security"]).toBeUndefined();
    expect(headers["x-powered-by"]).toBeUndefined();
  });

  test.each(["a;script-src *", "a b", "a,b", "'none'", "x\\y"])(
    "a host such as %j does not get into the policy",
    async (host) => {
      const { headers } = await get("/", { host });
      expect(headers["content-security-policy"]).toContain("connect-src 'self' 'self';");
    },
  );

  test("answers of the API are kept by nobody", async () => {
    for (const url of ["/api/me", "/api/rooms", "/api/nothing"]) {
      expect((await house.as("user", { method: "GET", url })).headers["cache-control"]).toBe("no-store");
    }
  });
});

describe("health", () => {
  test("/healthz and /readyz answer without anybody signed in", async () => {
    expect((await get("/healthz")).body).toEqual({ status: "ok" });
    expect((await get("/readyz")).body).toEqual({ status: "ok", checks: { database: "ok" } });
  });

  test("/readyz is 503 and names what fails, and not why; /healthz still lives", async () => {
    const readiness = {
      database: () => house.context.store.check(),
      layer: async () => {
        throw new Error("the password of redis is hunter2");
      },
    };
    const sick = await HttpHouse.open({ people: false, readiness });
    try {
      const answer = await sick.ask({ method: "GET", url: "/readyz" });
      expect(answer.status).toBe(503);
      expect(answer.body).toMatchObject({
        error: { code: "UNAVAILABLE" },
        checks: { database: "ok", layer: "failed" },
      });
      expect(answer.text).not.toContain("hunter2");
      expect(sick.log.join()).toContain("hunter2");
      expect((await sick.ask({ method: "GET", url: "/healthz" })).status).toBe(200);
    } finally {
      await sick.close();
    }
  });

  test("/metrics is for this machine, or for whoever has the token", async () => {
    const ask = (headers: Record<string, string>, remoteAddress: string) =>
      house.app.inject({ method: "GET", url: "/metrics", headers, remoteAddress });
    const token = { authorization: "Bearer 0123456789abcdef" };
    expect((await ask({}, "127.0.0.1")).statusCode).toBe(200);
    expect((await ask({}, "::1")).statusCode).toBe(200);
    expect((await ask({}, "192.0.2.7")).statusCode).toBe(403);
    expect((await ask({ "x-forwarded-for": "127.0.0.1" }, "127.0.0.1")).statusCode).toBe(403);
    expect((await ask(token, "192.0.2.7")).statusCode).toBe(200);
    expect((await ask({ authorization: "Bearer 0123456789abcdeX" }, "127.0.0.1")).statusCode).toBe(403);
    const { body, headers } = await ask({}, "127.0.0.1");
    expect(headers["content-type"]).toMatch(/^text\/plain; version=/);
    expect(body).toContain('multichat_http_request_seconds_count{method="GET",route="/metrics",status="403"}');
  });

  test("an invented address does not become a label of a metric", async () => {
    await get("/invented-7f3a");
    const { text } = await get("/metrics");
    expect(text).toContain('route="none"');
    expect(text).not.toContain("invented-7f3a");
  });
});
