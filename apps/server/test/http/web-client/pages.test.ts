import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HttpFixture } from "../http-fixture.ts";

let fixture: HttpFixture;
let webDir: string;
beforeAll(async () => {
  webDir = await mkdtemp(join(tmpdir(), "multichat-web-"));
  await mkdir(join(webDir, "assets"));
  await writeFile(join(webDir, "index.html"), "<!doctype html><title>the page</title>");
  await writeFile(join(webDir, "assets", "index-3f2a.js"), "export {};");
  await writeFile(join(webDir, "favicon.svg"), "<svg/>");
  fixture = await HttpFixture.open({ webDir, env: { METRICS_TOKEN: "0123456789abcdef" } });
});
afterAll(async () => {
  await fixture.close();
  await rm(webDir, { recursive: true });
});

const browser = { accept: "text/html,application/xhtml+xml" };
const get = (url: string, headers: Record<string, string> = {}) => fixture.request({ method: "GET", url, headers });

describe("the web client", () => {
  test.each([
    "/",
    "/login",
    "/login?next=%2Frooms%2F1",
    "/setup",
    "/rooms/1",
    "/rooms",
    "/admin/people",
    "/settings/sessions",
  ])("serves the index page at %s, revalidated on every load", async (url) => {
    const page = await get(url, browser);
    expect([page.status, page.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    expect(page.text).toContain("the page");
    expect(page.headers["cache-control"]).toBe("no-cache");
  });

  test("caches hashed files permanently and revalidates other files", async () => {
    const asset = await get("/assets/index-3f2a.js");
    expect(asset.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
    expect(asset.headers["content-type"]).toMatch(/javascript/);
    const icon = await get("/favicon.svg");
    expect([icon.status, icon.headers["cache-control"]]).toEqual([200, "no-cache"]);
  });

  test("serves the page for an unknown path to a browser with status 404", async () => {
    const page = await get("/nowhere", browser);
    expect([page.status, page.text.includes("the page")]).toEqual([404, true]);
  });

  test("does not serve HTML for a missing file", async () => {
    for (const url of ["/assets/old-1234.js", "/api/nothing"]) {
      const answer = await get(url, browser);
      expect([url, answer.status, answer.body.error?.code]).toEqual([url, 404, "NOT_FOUND"]);
    }
  });

  test("serves nothing outside its folder", async () => {
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

  test("explains what to do when it is not built", async () => {
    const bare = await HttpFixture.open({ people: false });
    try {
      const page = await bare.request({ method: "GET", url: "/", headers: browser });
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

  test.each(["a;script-src *", "a b", "a,b", "'none'", "x\\y"])("keeps the host %j out of the policy", async (host) => {
    const { headers } = await get("/", { host });
    expect(headers["content-security-policy"]).toContain("connect-src 'self' 'self';");
  });

  test("forbids caches to store API responses", async () => {
    for (const url of ["/api/me", "/api/rooms", "/api/nothing"]) {
      expect((await fixture.requestAs("user", { method: "GET", url })).headers["cache-control"]).toBe("no-store");
    }
  });
});

describe("health", () => {
  test("/healthz and /readyz need no session", async () => {
    expect((await get("/healthz")).body).toEqual({ status: "ok" });
    expect((await get("/readyz")).body).toEqual({ status: "ok", checks: { database: "ok" } });
  });

  test("/readyz returns 503 with the failed checks but without reasons, while /healthz succeeds", async () => {
    const readiness = {
      database: () => fixture.context.store.check(),
      layer: async () => {
        throw new Error("the password of redis is hunter2");
      },
    };
    const sick = await HttpFixture.open({ people: false, readiness });
    try {
      const answer = await sick.request({ method: "GET", url: "/readyz" });
      expect(answer.status).toBe(503);
      expect(answer.body).toMatchObject({
        error: { code: "UNAVAILABLE" },
        checks: { database: "ok", layer: "failed" },
      });
      expect(answer.text).not.toContain("hunter2");
      expect(sick.log.join()).toContain("hunter2");
      expect((await sick.request({ method: "GET", url: "/healthz" })).status).toBe(200);
    } finally {
      await sick.close();
    }
  });

  test("/metrics allows this machine, or the token", async () => {
    const ask = (headers: Record<string, string>, remoteAddress: string) =>
      fixture.app.inject({ method: "GET", url: "/metrics", headers, remoteAddress });
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

  test("does not use unknown paths as metric labels", async () => {
    await get("/invented-7f3a");
    const { text } = await get("/metrics");
    expect(text).toContain('route="none"');
    expect(text).not.toContain("invented-7f3a");
  });
});
