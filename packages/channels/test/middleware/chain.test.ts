import {
  authMiddleware,
  chain,
  type Middleware,
  mount,
  originValidator,
  refuse,
  route,
  silentLogger,
  stack,
  urlRouter,
  type WebSocketApplication,
  WebSocketConsumer,
} from "@multichat/channels";
import { LiveClient, liveServer, WebsocketCommunicator } from "@multichat/channels/testing";
import { describe, expect, test } from "vitest";

class ShowsState extends WebSocketConsumer {
  static override layer = null;
  override connect(): void {
    this.accept();
    this.send(JSON.stringify({ path: this.scope.path, user: this.scope.user, ...(this.scope.state as object) }));
  }
}
const shows = urlRouter([route("/ws", ShowsState)]);

/** Returns what the consumer sees, or the status of the refusal. */
async function open(application: WebSocketApplication, path = "/ws"): Promise<unknown> {
  const client = new WebsocketCommunicator(application, path);
  const handshake = await client.connect();
  if (!handshake.accepted) return handshake.status;
  const seen = await client.receiveJson();
  await client.disconnect();
  return seen;
}

const adds =
  <State extends object>(state: State): Middleware<unknown, State> =>
  (scope, next) =>
    next({ ...scope, state });

describe("state", () => {
  test("of several middlewares accumulates, in a stack and in a chain", async () => {
    expect(await open(stack(adds({ a: 1 }), adds({ b: 2 }), adds({ c: 3 }))(shows))).toMatchObject({
      a: 1,
      b: 2,
      c: 3,
    });
    expect(
      await open(
        chain()
          .use(adds({ a: 1 }))
          .provide(() => ({ b: 2 }))
          .use(adds({ c: 3 }))(shows),
      ),
    ).toMatchObject({
      a: 1,
      b: 2,
      c: 3,
    });
    expect(await open(stack(adds({ a: 1 }))(stack(adds({ b: 2 }))(shows)))).toMatchObject({ b: 2 });
  });

  test("that passes the same value on is no replacement", async () => {
    const passesOn: Middleware = (scope, next) => next({ ...scope, state: scope.state });
    const copies: Middleware = (scope, next) => next({ ...scope, state: { ...(scope.state as object) } });
    expect(await open(stack(adds({ a: 1 }), passesOn, copies, adds({ b: 2 }))(shows))).toMatchObject({ a: 1, b: 2 });
  });

  test.each<[string, WebSocketApplication]>([
    ["a stack", stack(adds({ tenant: "one" }), adds({ tenant: "two" }))(shows)],
    [
      "a chain",
      chain()
        .use(adds({ tenant: "one" }))
        .use(adds({ tenant: "two" }))(shows),
    ],
    // The type checker refuses it; JavaScript does not.
    [
      "provide",
      chain()
        .provide(() => ({ tenant: "one" }))
        .provide((() => ({ tenant: "one" })) as never)(shows),
    ],
  ])("that is replaced in %s is an error, and the handshake gets 500", async (_, application) => {
    await using server = await liveServer(application, { logger: silentLogger });
    await expect(LiveClient.connect(server.url("/ws"))).rejects.toMatchObject({ status: 500 });
    await expect(open(application)).rejects.toMatchObject({ code: "StateReplaced", details: { key: "tenant" } });
  });
});

describe("a chain", () => {
  test("shows each part what earlier ones have added, in order", async () => {
    const application = chain()
      .use(originValidator())
      .use(authMiddleware(() => ({ id: "7" })))
      .provide(({ user }) => ({ greeting: `hello ${user.id}` }))
      .provide(async ({ state }) => ({ loud: state.greeting.toUpperCase() }));
    expect(await open(application(shows))).toEqual({
      path: "/ws",
      user: { id: "7" },
      greeting: "hello 7",
      loud: "HELLO 7",
    });
  });

  test("is refused by any part of it, and later parts do not run", async () => {
    let reached = false;
    const application = chain()
      .provide((): { a: number } | ReturnType<typeof refuse> => refuse(451, "not here"))
      .provide(() => {
        reached = true;
        return { b: 1 };
      });
    expect(await open(application(shows))).toBe(451);
    expect(reached).toBe(false);
  });

  test("is immutable: what it has become does not change what it was", async () => {
    const base = chain().provide(() => ({ a: 1 }));
    const longer = base.provide(() => ({ b: 2 }));
    expect(await open(base(shows))).not.toHaveProperty("b");
    expect(await open(longer(shows))).toMatchObject({ a: 1, b: 2 });
  });
});

describe("a mounted application", () => {
  const admin = chain().provide(() => ({ area: "admin" }))(
    urlRouter([route("/rooms/:room", ShowsState), route("/?", ShowsState), route("/files/*path", ShowsState)]),
  );
  const application = urlRouter([
    route("/ws", ShowsState),
    mount("/admin", admin),
    mount("/api/v1", urlRouter([mount("/deep", admin)])),
    route("/admin/other", ShowsState),
  ]);

  test.each([
    ["/ws", undefined],
    ["/admin/rooms/a", "admin"],
    ["/admin/rooms/a%20b", "admin"],
    ["/admin/files/a/b/c", "admin"],
    ["/%61dmin/rooms/a", "admin"],
    ["/api/v1/deep/rooms/a", "admin"],
    ["/admin/other", undefined],
  ])("%s reaches its consumer with the whole path", async (path, area) => {
    const seen = (await open(application, path)) as { path: string; area?: string };
    expect(seen.path).toBe(path);
    expect(seen.area).toBe(area);
  });

  test.each([
    "/admin/rooms",
    "/admin/rooms/a/b",
    "/administrator/rooms/a",
    "/api/deep/rooms/a",
    "/api/v1",
    "/admin/files",
  ])("%s is no path of it", async (path) => {
    expect(await open(application, path)).toBe(404);
    expect(application.servesPath?.(path)).toBe(false);
  });

  test.each(["", "/", "admin", "/admin/", "/:name", "/a//b", "/a/*", "/a?"])("refuses the prefix %j", (prefix) => {
    expect(() => mount(prefix, admin)).toThrow("cannot be used");
  });
});
