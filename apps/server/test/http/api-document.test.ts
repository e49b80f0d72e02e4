import { readFileSync } from "node:fs";
import { ERRORS } from "@multichat/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HttpHouse } from "./http-fixture.ts";
import { MATRIX } from "./refusal-matrix.ts";

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

let house: HttpHouse;
let document: Document;
beforeAll(async () => {
  house = await HttpHouse.open({ people: false });
  document = (await house.ask({ method: "GET", url: "/api/openapi.json" })).body as unknown as Document;
});
afterAll(() => house.close());

const operations = (): [string, Operation][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`,
      operation,
    ]),
  );

/** What is not for those who write clients. */
const UNDOCUMENTED = ["GET /api/openapi.json", "GET /metrics"];

test("the document has every route of the API, each with a summary, a tag and its refusals", () => {
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

test("its error codes are those of the protocol's table", () => {
  const { responses } = document.paths["/api/rooms"]?.post ?? { responses: {} };
  const schema = JSON.stringify(responses["4XX"]?.content?.["application/json"]?.schema);
  for (const code of Object.keys(ERRORS)) expect(schema).toContain(`"${code}"`);
});

test("its bodies carry the limits of this server's schemas", () => {
  const { responses } = document.paths["/api/rooms/{room}/messages"]?.get ?? { responses: {} };
  expect(JSON.stringify(responses["200"])).toContain('"hasBefore"');
});

test("what it says anybody may ask is what anybody may ask", () => {
  const open = operations()
    .filter(([, { security }]) => security?.length === 0)
    .map(([route]) => route);
  const matrix = MATRIX.filter(({ expected }) => expected.outsider !== "USER_HAS_TO_LOGIN").map(({ route }) => route);
  // Signing out takes a session where there is one.
  const expected = new Set(
    matrix.filter((route) => !UNDOCUMENTED.includes(route) && route !== "POST /api/auth/sign-out"),
  );
  expect(new Set(open)).toEqual(expected);
});

test("the reference page names every route, and no other", () => {
  const page = readFileSync(new URL("../../../../docs/reference/http.md", import.meta.url), "utf8");
  const told = [...page.matchAll(/^\| `([A-Z]+ \/[^`?]*)[^`]*` \|/gm)].map((row) => row[1]);
  expect([...told].sort()).toEqual([...new Set(MATRIX.map(({ route }) => route))].sort());
});

test("the page that shows it loads nothing from elsewhere", async () => {
  const { text, status } = await house.ask({ method: "GET", url: "/api/docs" });
  expect(status).toBe(200);
  const loaded = [...text.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? "");
  expect(loaded.length).toBeGreaterThan(3);
  for (const url of loaded) {
    expect(url).toMatch(/^\/api\/docs\//);
    expect((await house.ask({ method: "GET", url })).status, url).toBe(200);
  }
  expect(text).not.toMatch(/<script>(?!<)/);
});
