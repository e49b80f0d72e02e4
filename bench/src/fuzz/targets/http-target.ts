import { ERRORS } from "@multichat/protocol";
import type { Random } from "../../clients/random.ts";
import { DICTIONARY, readCorpus } from "../corpus.ts";
import { randomText } from "../mutate.ts";
import { mutateJson } from "../mutate-json.ts";
import { expectThat, type Target } from "../target.ts";
import { FuzzedServer } from "./fuzzed-server.ts";
import { RawSocket } from "./raw-socket.ts";

interface Response {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "BREW", "get", ""];
const HEADERS = [
  "Origin: https://evil.example",
  "Origin: null",
  "Sec-Fetch-Site: cross-site",
  "Content-Type: text/plain",
  "Content-Type: application/json; charset=iso-8859-1",
  "Content-Encoding: gzip",
  "Transfer-Encoding: chunked",
  "Content-Length: 0",
  "Content-Length: -1",
  "Expect: 100-continue",
  "Connection: close",
  "Host: other.example",
  "X-Forwarded-For: 1.2.3.4",
  "X-Forwarded-Host: evil.example",
  "Cookie: sessionid=a; sessionid=b",
  "Authorization: Bearer x",
  "Authorization: Basic eDp5",
  "Range: bytes=5-1",
  "Accept-Encoding: br;q=0, *",
  "If-Modified-Since: yesterday",
];

/** HTTP requests on every route, from well-formed ones with odd values to bytes that are no HTTP. */
export function httpTarget(): Target {
  const corpus = readCorpus("http");
  const server = new FuzzedServer();
  let socket: RawSocket | undefined;
  let cookies: readonly string[] = [];
  return {
    corpus,
    isBinary: true,
    generate: (random) => changeRequest(random.pick(corpus), random),
    async run(input) {
      const { chat, isNew } = await server.next();
      if (isNew) {
        cookies = [(await chat.session("alice")).cookie, (await chat.session("sara")).cookie, ""];
        socket?.destroy();
        socket = undefined;
      }
      if (socket === undefined || socket.isClosed) socket = await RawSocket.connect(chat.url);
      socket.clear();
      const cookie = cookies[input.length % cookies.length] ?? "";
      const request = complete(input, cookie);
      socket.write(request);
      // Ends the request, where its headers promise more than it has.
      const isFramed =
        /\r\n\r\n/.test(request) && !/^(?:content-length|transfer-encoding|expect|upgrade):/im.test(input);
      if (!isFramed) socket.end();
      const isHead = request.startsWith("HEAD ");
      await socket.until((received) => isFramed && isResponseComplete(received, { isHead }));
      const response = readResponse(socket.received);
      if (response !== undefined) check(response, { isHead });
      if (!isFramed || /^connection: close/im.test(response?.headers ?? "connection: close")) {
        socket.destroy();
        socket = undefined;
      }
      // The input may have ended the session or the account that the next one needs.
      if (response?.status === 401 && cookie !== "" && !/^(?:cookie|authorization):/im.test(input)) {
        if ((await fetch(`${chat.url}/api/me`, { headers: { cookie } })).status === 401) await server.replace();
      }
    },
    async close() {
      socket?.destroy();
      await server.close();
    },
  };
}

function changeRequest(request: string, random: Random): string {
  const [head = "", body = ""] = request.split("\r\n\r\n");
  const [line = "", ...headers] = head.split("\r\n");
  const [method = "", path = "", version = ""] = line.split(" ");
  const text = () => randomText(random, DICTIONARY, 4).slice(0, 3_000);
  const segments = path.split(/(?=[/?&=])/);
  const changedPath = random.chance(0.5)
    ? segments
        .map((part) => (random.chance(0.2) ? `${part[0]}${encodeURIComponent(text().toWellFormed())}` : part))
        .join("")
    : path;
  const changedBody =
    body !== "" && random.chance(0.7)
      ? Buffer.from(JSON.stringify(mutateJson(JSON.parse(body), random, DICTIONARY)) ?? "").toString("latin1")
      : body;
  if (random.chance(0.15)) headers.push(random.pick(HEADERS));
  if (random.chance(0.05)) headers.push(`X-Text: ${text()}`);
  const changedMethod = random.chance(0.05) ? random.pick(METHODS) : method;
  const changedVersion = random.chance(0.02) ? random.pick(["HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "", "\x00"]) : version;
  return (
    Buffer.from(`${changedMethod} ${changedPath} ${changedVersion}\r\n${headers.join("\r\n")}\r\n\r\n`).toString(
      "latin1",
    ) + changedBody
  );
}

/** Adds the session and the body's length to a request that has a head. */
function complete(input: string, cookie: string): string {
  const end = input.indexOf("\r\n\r\n");
  if (end === -1) return input;
  const head = input.slice(0, end);
  const body = input.slice(end + 4);
  const session = cookie === "" || /^(?:cookie|authorization):/im.test(head) ? "" : `\r\nCookie: ${cookie}`;
  const isLengthGiven = body === "" || /^(?:content-length|transfer-encoding):/im.test(head);
  return `${head}${session}${isLengthGiven ? "" : `\r\nContent-Length: ${body.length}`}\r\n\r\n${body}`;
}

function readResponse(received: string): Response | undefined {
  const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(received) ?? [];
  const end = received.indexOf("\r\n\r\n");
  if (status === undefined || end === -1) return undefined;
  const headers = received.slice(0, end);
  const rest = received.slice(end + 4);
  // Behind an early answer may follow another one, to the rest of the request.
  const length = contentLength(headers);
  return { status: Number(status), headers, body: length === undefined ? rest : rest.slice(0, length) };
}

function contentLength(headers: string): number | undefined {
  const [, length] = /^content-length: (\d+)/im.exec(headers) ?? [];
  return length === undefined ? undefined : Number(length);
}

function isResponseComplete(received: string, { isHead }: { readonly isHead: boolean }): boolean {
  const response = readResponse(received);
  if (response === undefined) return false;
  if (isHead || response.status === 204 || response.status === 304) return true;
  const length = contentLength(response.headers);
  if (length !== undefined) return response.body.length >= length;
  return /^transfer-encoding: chunked/im.test(response.headers) && response.body.endsWith("0\r\n\r\n");
}

/** Errors of every layer have one shape, also of what cannot be parsed; only pages are HTML. */
function check({ status, headers, body }: Response, request: { readonly isHead: boolean }): void {
  expectThat(status < 500 || status === 503, `expected no server error, got ${status}`);
  // `100 Continue` and `101 Switching Protocols` come before a response, or instead of one.
  if (status < 200) return;
  expectThat(/^x-content-type-options: nosniff/im.test(headers), `expected the security headers with ${status}`);
  if (status < 400 || request.isHead || /^content-type: text\/html/im.test(headers)) return;
  expectThat(/^content-type: application\/json/im.test(headers), `expected a JSON error with ${status}`);
  const [, text = ""] = /^(?:[0-9a-f]+\r\n)?(\{.*\})/is.exec(body) ?? [];
  const { error } = parseBody(text);
  expectThat(
    typeof error?.code === "string" && Object.hasOwn(ERRORS, error.code) && typeof error.message === "string",
    `expected the documented shape of an error with ${status}`,
  );
}

/** The cast holds as far as it is used: every property is checked. */
function parseBody(text: string): { readonly error?: { readonly code?: unknown; readonly message?: unknown } } {
  try {
    return JSON.parse(text) as ReturnType<typeof parseBody>;
  } catch {
    return {};
  }
}
