import { createServer as createHttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  attach,
  createServer,
  LayerRegistry,
  originValidator,
  route,
  silentLogger,
  stack,
  urlRouter,
  WebSocketConsumer,
} from "@multichat/channels";
import { eventually, HandshakeRefused, LiveClient, liveServer } from "@multichat/channels/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLatch } from "../consumer/fixtures.ts";
import { clientFrame, RawClient } from "./raw-client.ts";

const gate = createLatch();
const signals: AbortSignal[] = [];

class Open extends WebSocketConsumer {
  override connect(): void {
    this.accept(this.scope.subprotocols[1]);
  }
}
class Echo extends WebSocketConsumer {
  override async connect(): Promise<void> {
    await Promise.resolve();
    this.accept();
  }
  override receive(text: string): void {
    this.send(text);
  }
}
class Closed extends WebSocketConsumer {
  override connect(): void {
    this.close();
  }
}
class SignIn extends WebSocketConsumer {
  override connect(): void {
    this.refuse(401, "sign in first", { "www-authenticate": 'Bearer realm="a\r\nset-cookie: x=y"' });
  }
}
class Breaks extends WebSocketConsumer {
  override connect(): void {
    throw new Error("a secret of the server");
  }
}
class Waits extends WebSocketConsumer {
  override async connect(): Promise<void> {
    signals.push(this.signal);
    await gate.opened;
    this.accept();
  }
}

const application = stack(originValidator())(
  urlRouter([
    route("/open", Open),
    route("/echo", Echo),
    route("/closed", Closed),
    route("/sign-in", SignIn),
    route("/breaks", Breaks),
    route("/waits", Waits),
    route("/room/:room", Open),
  ]),
);
const quiet = { layers: new LayerRegistry(), logger: silentLogger };

describe("a handshake", () => {
  let live: Awaited<ReturnType<typeof liveServer>>;
  beforeAll(async () => {
    live = await liveServer(application, quiet);
  });
  afterAll(() => live.close());

  const refusal = async (path: string, headers: Record<string, string> = {}): Promise<HandshakeRefused> => {
    const error = await live.connect(path, { headers }).then(
      () => new Error("it was accepted"),
      (reason: unknown) => reason,
    );
    if (error instanceof HandshakeRefused) return error;
    throw error;
  };

  it("is accepted with the subprotocol that the consumer chooses", async () => {
    const client = await live.connect("/open", { subprotocols: ["one", "two"] });
    expect(client.subprotocol).toBe("two");
    await client.close();
  });

  it("is refused with 404 for an unknown path, and with 400 for a path that is not UTF-8", async () => {
    expect((await refusal("/nope")).status).toBe(404);
    expect((await refusal("/")).status).toBe(404);
    expect((await refusal("/open/")).status).toBe(404);
    expect((await refusal("/room/a%2Fb")).status).toBe(404);
    expect((await refusal("/room/a%FFb")).status).toBe(400);
  });

  it("is refused with 403 for a page of another site, and by close()", async () => {
    expect((await refusal("/open", { origin: "https://evil.example" })).status).toBe(403);
    expect((await refusal("/closed")).status).toBe(403);
  });

  it("is refused with the consumer's status, reason and headers, which cannot inject further headers", async () => {
    const { status, body, headers } = await refusal("/sign-in");
    expect(status).toBe(401);
    expect(body).toBe("sign in first\n");
    expect(headers["www-authenticate"]).toBe('Bearer realm="a set-cookie: x=y"');
    expect(headers["set-cookie"]).toBeUndefined();
  });

  it("is refused with 500 when connect throws, without showing the error", async () => {
    const { status, body } = await refusal("/breaks");
    expect(status).toBe(500);
    expect(body).toBe("internal error\n");
  });

  it.each([
    ["another version", { "sec-websocket-version": "8" }, 426, /sec-websocket-version: 13/i],
    ["no version", { "sec-websocket-version": undefined }, 426, /sec-websocket-version: 13/i],
    ["no key", { "sec-websocket-key": undefined }, 400, /Sec-WebSocket-Key/],
    ["a short key", { "sec-websocket-key": "c2hvcnQ=" }, 400, /Sec-WebSocket-Key/],
    ["another upgrade", { upgrade: "h2c" }, 400, /Upgrade/],
    ["a repeated subprotocol", { "sec-websocket-protocol": "a, a" }, 400, /Sec-WebSocket-Protocol/],
    ["an invalid subprotocol", { "sec-websocket-protocol": "a b" }, 400, /Sec-WebSocket-Protocol/],
    ["an empty subprotocol", { "sec-websocket-protocol": "a," }, 400, /Sec-WebSocket-Protocol/],
  ])("is refused with %s", async (_what, headers, status, text) => {
    const client = await RawClient.connect(live.port);
    client.upgrade("/open", headers);
    const answer = await client.ended();
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toMatch(text);
  });

  it("is refused unless the method is GET", async () => {
    const client = await RawClient.connect(live.port);
    client.upgrade("/open", {}, "POST");
    expect(await client.ended()).toMatch(/^HTTP\/1\.1 400 /);
  });

  it("is requested of a plain HTTP request with 426", async () => {
    const response = await fetch(`http://127.0.0.1:${live.port}/open`);
    expect(response.status).toBe(426);
    await response.text();
  });

  it("can be followed by a frame in the same packet", async () => {
    const client = await RawClient.connect(live.port);
    const lines = [
      "GET /echo HTTP/1.1",
      "host: x",
      "connection: Upgrade",
      "upgrade: websocket",
      "sec-websocket-version: 13",
    ];
    const request = [...lines, "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==", "", ""].join("\r\n");
    client.write(Buffer.concat([Buffer.from(request), clientFrame(1, Buffer.from("at once"))]));
    await eventually(() => client.received.toString("latin1").endsWith("\x81\x07at once"));
    client.destroy();
  });

  it("leaves nothing pending", async () => {
    await eventually(() => expect(live.server.metrics).toMatchObject({ handshakes: 0, connections: 0 }));
  });
});

describe("a server's limits", () => {
  it("refuse a connection with 503 when the server is full", async () => {
    await using live = await liveServer(application, { ...quiet, maxConnections: 2 });
    const [first, second] = [await live.connect("/open"), await live.connect("/open")];
    await expect(live.connect("/open")).rejects.toMatchObject({ status: 503 });
    await first.close();
    await eventually(() => live.server.metrics.connections === 1);
    const third = await live.connect("/open");
    await Promise.all([second.close(), third.close()]);
  });

  it("refuse a connection with 429 when its address or its user has too many", async () => {
    const signedIn = stack((scope, next) => next({ ...scope, user: { id: scope.query.get("user") } }))(application);
    await using live = await liveServer(signedIn, {
      ...quiet,
      maxConnectionsPerAddress: 3,
      maxConnectionsPerUser: 1,
      clientAddress: (request) => String(request.headers["x-address"]),
    });
    const from = (address: string, user: string): Promise<LiveClient> =>
      live.connect(`/open?user=${user}`, { headers: { "x-address": address } });
    const ann = await from("a", "ann");
    await expect(from("b", "ann")).rejects.toMatchObject({ status: 429, body: "too many connections of this user\n" });
    await from("a", "bob");
    await from("a", "cy");
    await expect(from("a", "dan")).rejects.toMatchObject({
      status: 429,
      body: "too many connections from this address\n",
    });
    await from("b", "dan");
    await ann.close();
    await eventually(async () => (await from("a", "ann")).subprotocol === "");
  });

  it("refuse a connection with 500 when an option throws", async () => {
    const clientAddress = (): string => {
      throw new Error("no such header");
    };
    await using live = await liveServer(application, { ...quiet, clientAddress });
    await expect(live.connect("/open")).rejects.toMatchObject({ status: 500 });
    await expect(live.connect("/open")).rejects.toMatchObject({ status: 500 });
  });

  it("refuse a handshake with 503 when it takes too long", async () => {
    await using live = await liveServer(application, { ...quiet, handshakeTimeoutMs: 30 });
    await expect(live.connect("/waits")).rejects.toMatchObject({ status: 503 });
    expect(signals.at(-1)?.aborted).toBe(true);
    gate.open();
    await eventually(() => expect(live.server.metrics).toMatchObject({ handshakes: 0, connections: 0 }));
  });

  it("are validated when the server is created", () => {
    expect(() => createServer(application, { maxFrameBytes: 0 })).toThrow(
      'Option "maxFrameBytes" must be a whole number',
    );
    expect(() => createServer(application, { slowCloseCode: 1011 })).toThrow("from 3000 to 4999");
    expect(() => createServer(application, { maxFrameByte: 5 } as object)).toThrow(
      'Option "maxFrameByte" must be one of',
    );
    const { options } = createServer(application);
    expect(options).toMatchObject({ maxFrameBytes: 65_536, heartbeatMs: 25_000, slowCloseCode: 4101 });
    expect(Object.isFrozen(options)).toBe(true);
  });
});

describe("the option refusalResponse", () => {
  it.each([
    ["an unknown path", "/nope", {}, 404],
    ["the consumer", "/sign-in", {}, 401],
    ["a middleware", "/open", { origin: "https://evil.example" }, 403],
    ["an error", "/breaks", {}, 500],
  ])("forms the response to a refusal by %s", async (_, path, headers, status) => {
    await using live = await liveServer(application, {
      ...quiet,
      refusalResponse: (refused) => ({
        contentType: "application/json",
        body: JSON.stringify({ status: refused.status, reason: refused.reason }),
        headers: { "x-form": "ours\r\nset-cookie: x=y", "www-authenticate": "replaced" },
      }),
    });
    const error = await live.connect(path, { headers }).catch((reason: unknown) => reason);
    if (!(error instanceof HandshakeRefused)) throw error;
    expect(error.status).toBe(status);
    expect(JSON.parse(error.body)).toEqual({ status, reason: expect.any(String) });
    expect(error.headers).toMatchObject({ "content-type": "application/json", "x-form": "ours set-cookie: x=y" });
    expect(error.headers["set-cookie"]).toBeUndefined();
    if (path === "/sign-in")
      expect(error.headers["www-authenticate"], "the refusal's own headers stay").toMatch(/^Bearer/);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("no template");
      },
    ],
    ["returns no response", () => undefined as never],
    ["returns a body that is no text", () => ({ contentType: "text/plain", body: 5 as never })],
  ])("that %s leaves the default response, also to a request that is refused at once", async (_, refusalResponse) => {
    const errors: unknown[] = [];
    const logger = { ...silentLogger, error: (details: object) => errors.push(details) };
    await using live = await liveServer(application, { ...quiet, logger, refusalResponse, maxConnections: 1 });
    await expect(live.connect("/nope")).rejects.toMatchObject({ status: 404 });
    const first = await live.connect("/open");
    await expect(live.connect("/open")).rejects.toMatchObject({
      status: 503,
      body: "the server has reached its connection limit\n",
      headers: { "retry-after": "5" },
    });
    await first.close();
    expect(errors).toMatchObject([{ option: "refusalResponse" }, { option: "refusalResponse" }]);
    expect(live.server.metrics.handshakes).toBe(0);
  });
});

describe("attach", () => {
  it("serves WebSockets on an HTTP server that goes on with its own work", async () => {
    const http = createHttpServer((_request, response) => response.end("page"));
    const server = attach(http, application, quiet);
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const { port } = http.address() as AddressInfo;
    const client = await LiveClient.connect(`ws://127.0.0.1:${port}/open`);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("page");
    await server.close();
    expect(await client.closed).toMatchObject({ code: 1001 });
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("page");
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });
});
