import { readFileSync } from "node:fs";
import { ERRORS } from "@multichat/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bodyOf, HttpFixture } from "./http-fixture.ts";
import { MATRIX } from "./security/refusal-matrix.ts";

interface Operation {
  readonly summary?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly object[];
  readonly responses: Readonly<Record<string, { content?: Record<string, { schema: object }> }>>;
}
interface Document {
  readonly openapi: string;
  readonly info: { version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

let fixture: HttpFixture;
let document: Document;
beforeAll(async () => {
  fixture = await HttpFixture.open({ people: false });
  document = bodyOf<Document>(await fixture.request({ method: "GET", url: "/api/openapi.json" }));
});
afterAll(() => fixture.close());

const operations = (): [string, Operation][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`,
      operation,
    ]),
  );

/** Routes that are not part of the API for clients. */
const UNDOCUMENTED = ["GET /api/openapi.json", "GET /metrics", "GET /.well-known/security.txt"];

test("documents every route of the API with a summary, a tag and its errors", () => {
  expect(document.openapi).toMatch(/^3\.1/);
  expect(document.info.version).toBe("1.2.3");
  const documented = operations().map(([route]) => route);
  const routes = [...new Set(MATRIX.map(({ route }) => route))];
  expect([...documented, ...UNDOCUMENTED].sort()).toEqual(routes.sort());
  for (const [route, { summary, tags, responses }] of operations()) {
    expect(summary, route).toBeTruthy();
    expect(tags, route).toHaveLength(1);
    if (route.includes("/api/")) expect(Object.keys(responses), route).toEqual(expect.arrayContaining(["4XX", "5XX"]));
  }
});

test("lists the error codes of the protocol", () => {
  const { responses } = document.paths["/api/rooms"]?.post ?? { responses: {} };
  const schema = JSON.stringify(responses["4XX"]?.content?.["application/json"]?.schema);
  for (const code of Object.keys(ERRORS)) expect(schema).toContain(`"${code}"`);
});

test("includes the limits of the server in its schemas", () => {
  const { responses } = document.paths["/api/rooms/{room}/messages"]?.get ?? { responses: {} };
  expect(JSON.stringify(responses["200"])).toContain('"hasBefore"');
});

test("marks exactly the public routes as public", () => {
  const open = operations()
    .filter(([, { security }]) => security?.length === 0)
    .map(([route]) => route);
  const matrix = MATRIX.filter(({ expected }) => expected.outsider !== "USER_HAS_TO_LOGIN").map(({ route }) => route);
  // Sign-out accepts a session but does not require one.
  const expected = new Set(
    matrix.filter((route) => !UNDOCUMENTED.includes(route) && route !== "POST /api/auth/sign-out"),
  );
  expect(new Set(open)).toEqual(expected);
});

test("the reference page lists exactly the routes of the API", () => {
  const page = readFileSync(new URL("../../../../docs/reference/http.md", import.meta.url), "utf8");
  const documented = [...page.matchAll(/^\| `([A-Z]+ \/[^`?]*)[^`]*` \|/gm)].map((row) => row[1]);
  expect([...documented].sort()).toEqual([...new Set(MATRIX.map(({ route }) => route))].sort());
});

test("the documentation page loads nothing from other origins", async () => {
  const { text, status } = await fixture.request({ method: "GET", url: "/api/docs" });
  expect(status).toBe(200);
  const loaded = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? "");
  expect(loaded.length).toBeGreaterThan(3);
  for (const url of loaded) {
    expect(url).toMatch(/^\/api\/docs\//);
    expect((await fixture.request({ method: "GET", url })).status, url).toBe(200);
  }
  expect(text).not.toMatch(/<script>(?!<)/);
});

test("a page of the documentation that does not exist is answered like any other route", async () => {
  const response = await fixture.request({ method: "GET", url: "/api/docs/nowhere" });
  expect(response.status).toBe(404);
  expect(bodyOf<object>(response)).toMatchObject({ error: { code: "NOT_FOUND" } });
});

test("the page of the documentation can ask for the document as YAML", async () => {
  const { text, status } = await fixture.request({ method: "GET", url: "/api/docs/yaml" });
  expect(status).toBe(200);
  expect(text).toMatch(/^openapi: 3\.1\.0$/m);
});
