import {
  authMiddleware,
  bearerToken,
  type Middleware,
  originValidator,
  rateLimit,
  refuse,
  route,
  stack,
  urlRouter,
  type WebSocketApplication,
  WebSocketConsumer,
} from "@multichat/channels";
import { type CommunicatorOptions, WebsocketCommunicator } from "@multichat/channels/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TokenBucket, TokenBuckets } from "../../src/middleware/token-bucket.ts";

class Echo extends WebSocketConsumer {
  override receive(text: string): void {
    this.send(text);
  }
}
const echo = urlRouter([route("/ws", Echo)]);

async function statusOf(application: WebSocketApplication, options: CommunicatorOptions = {}): Promise<number> {
  const client = new WebsocketCommunicator(application, "/ws", options);
  const handshake = await client.connect();
  if (!handshake.accepted) return handshake.status;
  await client.disconnect();
  return 101;
}

describe("a stack", () => {
  it("runs middleware from the outermost to the innermost, and back", async () => {
    const log: string[] = [];
    const named =
      (name: string): Middleware =>
      async (scope, next) => {
        log.push(`> ${name}`);
        const resolution = await next(scope);
        log.push(`< ${name}`);
        return resolution;
      };
    expect(await statusOf(stack(named("a"), named("b"))(echo))).toBe(101);
    expect(log).toEqual(["> a", "> b", "< b", "< a"]);
  });

  it("stops at the first refusal", async () => {
    let reached = false;
    const refuses: Middleware = () => refuse(418, "no");
    const later: Middleware = (scope, next) => {
      reached = true;
      return next(scope);
    };
    expect(await statusOf(stack(refuses, later)(echo))).toBe(418);
    expect(reached).toBe(false);
  });

  it("is the application itself without middleware", async () => {
    expect(await statusOf(stack()(echo))).toBe(101);
  });
});

describe("the origin validator", () => {
  const allowed = ["https://chat.example", "https://*.apps.example", "http://localhost:5173"];
  const application = stack(originValidator({ allowed }))(echo);

  it.each([
    [undefined, "here.example", 101],
    ["https://here.example", "here.example", 101],
    ["http://here.example", "here.example", 101],
    ["https://HERE.example", "here.EXAMPLE", 101],
    ["https://here.example", "here.example:443", 101],
    ["http://here.example:8000", "here.example:8000", 101],
    ["http://here.example:8000", "here.example", 403],
    ["http://here.example", "here.example:8000", 403],
    ["https://evil.example", "here.example", 403],
    ["https://here.example.evil.example", "here.example", 403],
    ["https://chat.example", "here.example", 101],
    ["http://chat.example", "here.example", 403],
    ["https://chat.example:444", "here.example", 403],
    ["https://a.apps.example", "here.example", 101],
    ["https://a.b.apps.example", "here.example", 101],
    ["https://apps.example", "here.example", 403],
    ["https://evilapps.example", "here.example", 403],
    ["http://localhost:5173", "here.example", 101],
    ["null", "here.example", 403],
    ["", "here.example", 403],
    ["file://", "here.example", 403],
    ["here.example", "here.example", 403],
    ["https://evil.example", undefined, 403],
  ])("answers origin %s at host %s with %i", async (origin, host, status) => {
    const headers = { ...(origin === undefined ? {} : { origin }), ...(host === undefined ? {} : { host }) };
    expect(await statusOf(application, { headers })).toBe(status);
  });

  it("can refuse requests without an origin, and pages of its own host", async () => {
    expect(await statusOf(stack(originValidator({ missing: "refuse" }))(echo))).toBe(403);
    const headers = { origin: "https://here.example", host: "here.example" };
    expect(await statusOf(stack(originValidator({ sameHost: false }))(echo), { headers })).toBe(403);
  });

  it.each(["chat.example", "*", "https://chat.example/path", "https://me@chat.example", "https://*"])(
    "rejects %s as an allowed origin",
    (entry) => {
      expect(() => originValidator({ allowed: [entry] })).toThrow('Option "allowed" must be origins like');
    },
  );
});

describe("the auth middleware", () => {
  interface User {
    readonly name: string;
  }
  const sessions = new Map<string, User>([["abc", { name: "alice" }]]);
  const resolve = async ({ cookies }: { cookies: ReadonlyMap<string, string> }): Promise<User | undefined> =>
    sessions.get(cookies.get("sessionid") ?? "");

  it("adds the user to the scope", async () => {
    class Greets extends WebSocketConsumer<Record<never, never>, { user: User }> {
      override connect(): void {
        this.accept();
        this.send(this.scope.user.name);
      }
    }
    const application = stack(authMiddleware(resolve))(urlRouter([route("/ws", Greets)]));
    const client = new WebsocketCommunicator(application, "/ws", { headers: { Cookie: "sessionid=abc" } });
    await client.connect();
    expect(await client.receive()).toBe("alice");
    await client.disconnect();
  });

  it("refuses anonymous requests with 401, or with the configured status 403", async () => {
    const anonymous = { headers: { cookie: "sessionid=wrong" } };
    expect(await statusOf(stack(authMiddleware(resolve))(echo), anonymous)).toBe(401);
    expect(await statusOf(stack(authMiddleware(resolve, { status: 403 }))(echo), anonymous)).toBe(403);
  });

  it("takes null, which databases return for no user, as undefined", async () => {
    const users = new Map<string, User>();
    const find = async (): Promise<User | null> => users.get("nobody") ?? null;
    expect(await statusOf(stack(authMiddleware(find))(echo))).toBe(401);
    let seen: unknown = "nothing";
    const sees: Middleware = (scope, next) => {
      seen = scope.user;
      return next(scope);
    };
    expect(await statusOf(stack(authMiddleware(find, { anonymous: "allow" }), sees)(echo))).toBe(101);
    expect(seen).toBeUndefined();
  });

  it("allows anonymous requests if configured", async () => {
    class Asks extends WebSocketConsumer<Record<never, never>, { user: User | undefined }> {
      override connect(): void {
        this.accept();
        this.send(this.scope.user?.name ?? "anonymous");
      }
    }
    const application = stack(authMiddleware(resolve, { anonymous: "allow" }))(urlRouter([route("/ws", Asks)]));
    const client = new WebsocketCommunicator(application, "/ws");
    await client.connect();
    expect(await client.receive()).toBe("anonymous");
    await client.disconnect();
  });
});

describe("the rate limit", () => {
  it("closes a connection that exceeds its rate, and allows more frames as time passes", async () => {
    let now = 0;
    const application = stack(rateLimit({ perConnection: { burst: 3, perSecond: 1 }, now: () => now }))(echo);
    const client = new WebsocketCommunicator(application, "/ws");
    await client.connect();
    for (const text of ["1", "2", "3"]) client.send(text);
    now += 1_000;
    client.send("4");
    expect([await client.receive(), await client.receive(), await client.receive(), await client.receive()]).toEqual([
      "1",
      "2",
      "3",
      "4",
    ]);
    client.send("5");
    expect(await client.closed).toEqual({ code: 1008, reason: "too many messages" });
    await client.done();
  });

  it("drops frames instead if configured", async () => {
    const limit = rateLimit({ perConnection: { burst: 1, perSecond: 1 }, now: () => 0, onLimit: "drop" });
    const client = new WebsocketCommunicator(stack(limit)(echo), "/ws");
    await client.connect();
    client.send("1");
    client.send("2");
    expect(await client.receive()).toBe("1");
    expect(await client.receiveNothing()).toBe(true);
    expect(client.counters).toMatchObject({ framesReceived: 2, framesDropped: 1 });
    await client.disconnect();
  });

  it("counts all connections of a user together, and those of other users separately", async () => {
    const limit = rateLimit({
      perUser: { burst: 2, perSecond: 1 },
      now: () => 0,
      userKey: (scope) => (typeof scope.user === "string" ? scope.user : undefined),
    });
    const application = stack(limit)(echo);
    const open = async (user: unknown): Promise<WebsocketCommunicator> => {
      const client = new WebsocketCommunicator(application, "/ws", { user });
      await client.connect();
      return client;
    };
    const [a1, a2, b, anonymous] = [await open("a"), await open("a"), await open("b"), await open(undefined)];
    a1.send("x");
    a2.send("x");
    b.send("x");
    for (let i = 0; i < 5; i += 1) anonymous.send("x");
    a1.send("too many");
    expect(await a1.closed).toMatchObject({ code: 1008 });
    expect([a2.state.phase, b.state.phase, anonymous.state.phase]).toEqual(["open", "open", "open"]);
    await Promise.all([a1.done(), a2.disconnect(), b.disconnect(), anonymous.disconnect()]);
  });

  it("counts by the user's id, as the server does, and by the address for a user without one", async () => {
    const application = stack(rateLimit({ perUser: { burst: 1, perSecond: 1 }, now: () => 0 }))(echo);
    const open = async (user: unknown, address = "here"): Promise<WebsocketCommunicator> => {
      const client = new WebsocketCommunicator(application, "/ws", { user, address });
      await client.connect();
      return client;
    };
    // All but the last two have a limit of their own.
    const users = [{ id: 1 }, { id: 2 }, { id: "here" }, undefined, { id: "1" }, { name: "anonymous" }];
    const clients: WebsocketCommunicator[] = [];
    for (const user of users) clients.push(await open(user));
    for (const client of clients.slice(0, 4)) {
      client.send("x");
      expect(await client.receive()).toBe("x");
    }
    for (const client of clients.slice(4)) {
      client.send("x");
      expect(await client.closed).toMatchObject({ code: 1008 });
    }
    await Promise.all([
      ...clients.slice(0, 4).map((client) => client.disconnect()),
      ...clients.slice(4).map((c) => c.done()),
    ]);
  });

  it("in the first place counts the handshakes that the authentication refuses, and gets the user of the others", async () => {
    const limit = rateLimit({
      handshakesPerAddress: { burst: 2, perSecond: 1 },
      perUser: { burst: 1, perSecond: 1 },
      now: () => 0,
      userKey: ({ user }) => (user === "alice" ? "alice" : undefined),
    });
    const application = stack(
      limit,
      authMiddleware(({ query }) => query.get("user") ?? undefined),
    )(echo);
    const guess = (): Promise<number> => statusOf(application, { address: "guesser" });
    expect([await guess(), await guess(), await guess()]).toEqual([401, 401, 429]);
    const client = new WebsocketCommunicator(application, "/ws?user=alice", { address: "other" });
    await client.connect();
    client.send("x");
    client.send("too many");
    expect(await client.closed).toMatchObject({ code: 1008 });
    await client.done();
  });

  it("refuses handshakes with 429 when an address makes too many", async () => {
    const application = stack(rateLimit({ handshakesPerAddress: { burst: 2, perSecond: 1 }, now: () => 0 }))(echo);
    const from = (address: string): Promise<number> => statusOf(application, { address });
    expect([await from("a"), await from("a"), await from("a"), await from("b")]).toEqual([101, 101, 429, 101]);
  });

  it.each([
    [{ perConnection: { burst: 0, perSecond: 1 } }, "perConnection.burst"],
    [{ perUser: { burst: 1, perSecond: 0 } }, "perUser.perSecond"],
    [{ maxKeys: 0 }, "maxKeys"],
  ])("rejects the options %j", (options, name) => {
    expect(() => rateLimit(options)).toThrow(`Option "${name}" must be`);
  });
});

describe("token buckets", () => {
  it("never allow more than burst and rate permit, in any span", () => {
    const rates = fc.record({ burst: fc.integer({ min: 1, max: 20 }), perSecond: fc.integer({ min: 1, max: 50 }) });
    const waits = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 });
    fc.assert(
      fc.property(rates, waits, (rate, gaps) => {
        const bucket = new TokenBucket(rate, 0);
        const taken: number[] = [];
        let now = 0;
        for (const gap of gaps) {
          now += gap;
          if (bucket.take(now)) taken.push(now);
        }
        for (const [first, start] of taken.entries()) {
          const end = taken.at(-1) ?? start;
          expect(taken.length - first).toBeLessThanOrEqual(
            rate.burst + ((end - start) / 1_000) * rate.perSecond + 1e-6,
          );
        }
      }),
    );
  });

  it("forget the least recently used key when there are too many", () => {
    const buckets = new TokenBuckets({ burst: 1, perSecond: 0.001 }, 2);
    expect([buckets.take("a", 0), buckets.take("b", 0), buckets.take("a", 0)]).toEqual([true, true, false]);
    expect(buckets.take("c", 0)).toBe(true);
    expect(buckets.take("a", 0)).toBe(false);
    expect(buckets.take("b", 0)).toBe(true);
  });
});

describe("bearerToken", () => {
  it.each<[Record<string, string>, string[], string | undefined]>([
    [{ authorization: "Bearer abc.def" }, [], "abc.def"],
    [{ authorization: "bearer  abc " }, ["bearer.other"], "abc"],
    [{ authorization: "Basic abc" }, ["channels.v1", "bearer.abc.def"], "abc.def"],
    [{}, ["bearer.b%C3%B3b%2F%3D"], "bób/="],
    [{}, ["bearer.%E0%A4%A"], undefined],
    [{}, ["bearer."], undefined],
    [{}, ["channels.v1"], undefined],
    [{ authorization: "Bearer " }, [], undefined],
  ])("reads the token of %j with the subprotocols %j: %s", (headers, subprotocols, token) => {
    expect(bearerToken({ headers, subprotocols })).toBe(token);
  });
});
