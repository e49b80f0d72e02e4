import { randomUUID } from "node:crypto";
import { neverSeenText, worstCodePoints } from "./code-points.ts";
import { FLOODED_ROOM, HISTORY_PAGE, LONG_ROOM, MESSAGE_CHARS } from "./flooded-rooms.ts";

// Floods of HTTP requests: what the server reads before it knows what it is (bodies, headers, addresses), and what it does then.

export interface Request {
  readonly method: "GET" | "POST" | "PATCH";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Without the session of the flooding user. */
  readonly isAnonymous?: boolean;
}

export interface RequestFlood {
  readonly kind: "http";
  readonly name: string;
  /** The statuses that the server is to answer; 429 beside them. */
  readonly expected: readonly number[];
  readonly requestOf: (index: number) => Request;
}

/** A little below what a server accepts by default: LIMIT_BODY_BYTES, and the header of a request in Node. */
const BODY_BYTES = 262_000;
const HEADER_BYTES = 15_500;
const POSTS = `/api/rooms/${FLOODED_ROOM}/messages`;
const SIGN_IN = "/api/auth/sign-in/username";

const flood = (name: string, expected: readonly number[], requestOf: (index: number) => Request): RequestFlood => ({
  kind: "http",
  name: `HTTP: ${name}`,
  expected,
  requestOf,
});

/** A message whose body is this JSON, padded to nearly the largest size of a request. */
const posting = (body: string): Request => ({ method: "POST", path: POSTS, body: `{"body":${body}}` });

const nested = (open: string, close: string): string => {
  const depth = Math.floor(BODY_BYTES / (open.length + close.length));
  return open.repeat(depth) + close.repeat(depth);
};

const nestedArrays = posting(nested("[", "]"));
const nestedObjects = posting(nested('{"a":', "}").replace('"a":}', '"a":0}'));
const manyKeys = posting(`{${Array.from({ length: 20_000 }, (_, index) => `"key${index}":0`).join(",")}}`);
const unknownKeys: Request = {
  method: "POST",
  path: POSTS,
  body: `{${Array.from({ length: 20_000 }, (_, index) => `"key${index}":0`).join(",")}}`,
};
const numbers = posting(`[${"1e9,".repeat(BODY_BYTES / 4)}0]`);
const escapes = posting(JSON.stringify("").replace('""', `"${"\\u00e9".repeat(BODY_BYTES / 6)}"`));
const prototypes = posting(`[${'{"__proto__":0},'.repeat(BODY_BYTES / 17)}0]`);
const [worst] = worstCodePoints(1);
const growing = (worst?.character ?? "").repeat(BODY_BYTES / 3 - 100);
const longLookUp: Request = { method: "POST", path: "/api/direct", body: JSON.stringify({ user: growing }) };

const signIn = (username: string, password: string): Request => ({
  method: "POST",
  path: SIGN_IN,
  body: JSON.stringify({ username, password }),
  isAnonymous: true,
});
const longPassword = signIn("user1", "p".repeat(BODY_BYTES));
const growingPassword = signIn("user1", growing);
const growingName = signIn(growing, "the password of nobody");

const me: Request = { method: "GET", path: "/api/me" };
const repeatedTo = (bytes: number, text: string): string => text.repeat(bytes / text.length);
const manyHeaders = {
  ...me,
  headers: Object.fromEntries(Array.from({ length: 900 }, (_, n) => [`x-${n}`, "value-of-it"])),
};
const longHeader = { ...me, headers: { "accept-language": repeatedTo(HEADER_BYTES, "de-DE,de;q=0.9,") } };
const tooLong = { ...me, headers: { "x-too-long": "x".repeat(64_000) } };
const cookies = { ...me, headers: { cookie: repeatedTo(HEADER_BYTES, "name=%E4%B8%80; ") } };
const proxies = { ...me, headers: { "x-forwarded-for": repeatedTo(HEADER_BYTES, "10.0.0.1, ") } };
const parameters: Request = {
  method: "GET",
  path: `/api/search?query=a${repeatedTo(HEADER_BYTES, "&a%5B%5D=%E4%B8%80")}`,
};
const longPath: Request = { method: "GET", path: `/api/rooms/${repeatedTo(HEADER_BYTES, "%E4%B8%80")}` };
const search = (query: string): Request => ({
  method: "GET",
  path: `/api/search?limit=50&query=${encodeURIComponent(query)}`,
});
const wordSearch = search("a b c d e ".repeat(20).trim());
const filterSearch = search("in:a from:b ".repeat(16).trim());
const longPage: Request = { method: "GET", path: `/api/rooms/${LONG_ROOM}/messages?limit=${HISTORY_PAGE}` };

const handshake: Request = {
  method: "GET",
  path: "/ws",
  headers: {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-protocol": "multichat.v1",
  },
  isAnonymous: true,
};
const page: Request = { method: "GET", path: "/", headers: { accept: "text/html" } };
const badPath: Request = { method: "GET", path: "/api/rooms/%zz" };

export const REQUESTS: readonly RequestFlood[] = [
  // What any request costs, also the cheapest one: the others are to be compared with it.
  flood("many cheap requests", [200], () => me),
  flood("the page, again and again", [200], () => page),
  flood("health checks", [200], () => ({ method: "GET", path: "/healthz" })),
  flood("the document of the API", [200], () => ({ method: "GET", path: "/api/openapi.json" })),
  flood("pages that do not exist", [404], (index) => ({ method: "GET", path: `/nothing/${index}` })),
  flood("paths that cannot be read", [404], () => badPath),
  flood("handshakes without a session", [401], () => handshake),
  flood("long messages", [200, 201], (index) => ({
    method: "POST",
    path: POSTS,
    body: JSON.stringify({ clientId: randomUUID(), body: neverSeenText(index, MESSAGE_CHARS) }),
  })),
  flood("nested arrays", [400], () => nestedArrays),
  flood("nested objects", [400], () => nestedObjects),
  flood("an object of many keys", [400], () => manyKeys),
  flood("many unknown fields", [400], () => unknownKeys),
  flood("a list of numbers", [400], () => numbers),
  flood("a text of escapes", [400], () => escapes),
  flood("keys named __proto__", [400], () => prototypes),
  flood("a long name of characters that grow", [400, 404], () => longLookUp),
  flood("sign-ins with long passwords", [400, 401], () => longPassword),
  flood("sign-ins with passwords that grow", [400, 401], () => growingPassword),
  flood("sign-ins with names that grow", [400, 401], () => growingName),
  flood("sign-ins with wrong passwords", [401], (index) => signIn(`nobody${index}`, "the password of nobody")),
  flood("many headers", [200], () => manyHeaders),
  flood("a long header", [200], () => longHeader),
  flood("headers that are too long", [431], () => tooLong),
  flood("many cookies", [200], () => cookies),
  flood("many forwarded addresses", [200], () => proxies),
  flood("many query parameters", [200, 400], () => parameters),
  flood("a long path", [400, 404, 414], () => longPath),
  flood("a search for a hundred words", [200], () => wordSearch),
  flood("a search with many filters", [200, 400], () => filterSearch),
  flood("pages of long messages", [200], () => longPage),
];
