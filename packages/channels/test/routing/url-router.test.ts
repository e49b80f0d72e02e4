import { route, urlRouter, WebSocketConsumer, type WebSocketConsumerClass } from "@multichat/channels";
import { WebsocketCommunicator } from "@multichat/channels/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

class Any extends WebSocketConsumer {}

/** Returns the parameters of a path that matches a pattern, or the status of its refusal. */
async function resolve(patterns: readonly string[], path: string): Promise<unknown> {
  const router = urlRouter(patterns.map((pattern) => route(pattern, Any)));
  const resolution = await router(new WebsocketCommunicator(router, path).scope);
  return resolution.kind === "refused" ? resolution.status : { ...resolution.scope.params };
}

describe("a route", () => {
  it.each([
    ["/ws/room/:room", "/ws/room/general", { room: "general" }],
    ["/ws/room/:room", "/ws/room/%C3%A9t%C3%A9", { room: "été" }],
    ["/ws/room/:room", "/ws/room/a%20b", { room: "a b" }],
    ["/ws/room/:room", "/ws/room/a+b", { room: "a+b" }],
    ["/ws/room/:room", "/ws/room/%25", { room: "%" }],
    ["/ws/room/:room", "/ws/room/x?room=y", { room: "x" }],
    ["/ws/room/:room", "/ws/room/x/", 404],
    ["/ws/room/:room", "/ws/room/", 404],
    ["/ws/room/:room", "/ws/room", 404],
    ["/ws/room/:room", "/ws/room/a/b", 404],
    ["/ws/room/:room", "/ws/room/a%2Fb", 404],
    ["/ws/room/:room", "/ws/room/a%00b", 404],
    ["/ws/room/:room", "/ws/room/a%0Ab", 404],
    ["/ws/room/:room", "/ws/room/a%7Fb", 404],
    ["/ws/room/:room", "/ws/room/a%C2%85b", 404],
    ["/ws/room/:room", "/ws/room/%3Cb%3Ex%3C%2Fb%3E", 404],
    ["/ws/room/:room", "/ws/room/a%FFb", 400],
    ["/ws/room/:room", "/ws/room/a%", 400],
    ["/ws/room/:room", "/ws/room/a%ED%A0%80", 400],
    ["/ws/room/:room", "/", 404],
    ["/ws/room/:room", "*", 404],
    ["/ws/room/:room", "http://elsewhere/ws/room/x", 404],
    ["/ws/room/:room", "//ws/room/x", 404],
    ["/ws/room/:room", "/WS/room/x", 404],
    ["/ws/chat", "/ws/chat", {}],
    ["/ws/chat", "/ws/chat/", 404],
    ["/ws/chat", "/ws/%63hat", {}],
    ["/chat/stream/", "/chat/stream/", {}],
    ["/chat/stream/", "/chat/stream", 404],
    ["/chat/stream/?", "/chat/stream", {}],
    ["/chat/stream/?", "/chat/stream/", {}],
    ["/chat/stream/?", "/chat/stream//", 404],
    ["/", "/", {}],
    ["/r/:id<int>", "/r/7", { id: 7 }],
    ["/r/:id<int>", "/r/0", { id: 0 }],
    ["/r/:id<int>", "/r/07", 404],
    ["/r/:id<int>", "/r/-1", 404],
    ["/r/:id<int>", "/r/1.0", 404],
    ["/r/:id<int>", "/r/1e3", 404],
    ["/r/:id<int>", "/r/9007199254740991", { id: 9_007_199_254_740_991 }],
    ["/r/:id<int>", "/r/9007199254740992", 404],
    ["/r/:id<int>", "/r/%EF%BC%91", 404],
    ["/r/:name<slug>", "/r/a-b_C9", { name: "a-b_C9" }],
    ["/r/:name<slug>", "/r/a.b", 404],
    ["/r/:id<uuid>", "/r/0190B3F2-7B1E-7C3D-8E4F-0123456789AB", { id: "0190b3f2-7b1e-7c3d-8e4f-0123456789ab" }],
    ["/r/:id<uuid>", "/r/0190b3f2", 404],
    ["/:constructor/:__proto__", "/a/b", { constructor: "a", ["__proto__"]: "b" }],
  ])("with pattern %s resolves %s to %j", async (pattern, path, expected) => {
    expect(await resolve([pattern], path)).toEqual(expected);
  });

  it.each([
    ["ws", 'it must start with "/"'],
    ["/:", '":" is not a parameter'],
    ["/:1st", '":1st" is not a parameter'],
    ["/a/*", '"*" in "*" is neither literal text nor a parameter'],
    ["/*", '"*" in "*"'],
    ["/a/**", '"*" in "**"'],
    ["/a*/b", '"*" in "a*"'],
    ["/a/:name*", '":name*" is not a parameter'],
    ["/a/:name?", '":name?" is not a parameter'],
    ["/a/{name}", '"{" in "{name}"'],
    ["/a/[name]", '"[" in "[name]"'],
    ["/a/(.+)", '"(" in "(.+)"'],
    ["/a/<int:id>", '"<" in "<int:id>"'],
    ["/a/b?x=1", '"?" in "b?x=1"'],
    ["/a#b", '"#" in "a#b"'],
    ["/a/x:name", '":" in "x:name"'],
    ["/a b", '" " in "a b"'],
    ["/a%20b", '"%" in "a%20b"'],
    ["/^a$", '"^" in "^a$"'],
    ["/:a/:a", 'it names the parameter "a" twice'],
    ["/:a<float>", '"<float>" is not a known form; the known forms are int, slug, uuid'],
  ])("rejects the pattern %s", (pattern, problem) => {
    expect(() => route(pattern, Any)).toThrow(problem);
  });

  it("decodes any segment that a client can encode, or refuses it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), async (room) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: the expression is there to find control characters.
        const allowed = !/[/\u0000-\u001f\u007f-\u009f]/u.test(room);
        expect(await resolve(["/ws/:room"], `/ws/${encodeURIComponent(room)}`)).toEqual(allowed ? { room } : 404);
      }),
    );
  });
});

describe("a URL router", () => {
  it("uses the first route that matches", async () => {
    const patterns = ["/rooms/new", "/rooms/:id<int>", "/rooms/:name"];
    expect(await resolve(patterns, "/rooms/new")).toEqual({});
    expect(await resolve(patterns, "/rooms/5")).toEqual({ id: 5 });
    expect(await resolve(patterns, "/rooms/lobby")).toEqual({ name: "lobby" });
  });

  it("routes each path to its consumer", async () => {
    class First extends WebSocketConsumer {}
    class Second extends WebSocketConsumer {}
    const router = urlRouter([route("/first", First), route("/second", Second)]);
    const reached = async (path: string): Promise<WebSocketConsumerClass | undefined> => {
      const resolution = await router(new WebsocketCommunicator(router, path).scope);
      return resolution.kind === "matched" ? resolution.consumer : undefined;
    };
    expect(await reached("/first")).toBe(First);
    expect(await reached("/second")).toBe(Second);
  });

  it("refuses everything when it has no routes", async () => {
    expect(await resolve([], "/")).toBe(404);
  });
});
