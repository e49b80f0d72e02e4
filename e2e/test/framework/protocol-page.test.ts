import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { fileURLToPath } from "node:url";
import {
  attach,
  authMiddleware,
  bearerToken,
  type ChannelServer,
  commands,
  InMemoryIdempotencyStore,
  InMemoryLayer,
  LayerRegistry,
  originValidator,
  protocolConsumer,
  route,
  silentLogger,
  stack,
  urlRouter,
} from "@multichat/channels";
import type { Browser } from "playwright-core";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ProtocolPage } from "../../fixtures/protocol-page/page.ts";
import { counter } from "../../fixtures/protocol-page/protocol.ts";
import { launchBrowser, openBrowser, problemsBesidesOutage, type Visitor } from "../../src/browser.ts";

let count = 0;
/** Whether the connections end before the next reply to `counter.add`. */
let losesNextReply = false;

class CounterConsumer extends protocolConsumer(counter)<{ user: { name: string } }> {
  static override idempotency = new InMemoryIdempotencyStore();
  static override commands = commands<CounterConsumer>({
    "user.get": ({ scope }) => ({ name: scope.user.name }),
    "counter.add": {
      idempotencyKey: (_consumer, { key }) => key,
      async run(consumer, { by }) {
        count += by;
        if (losesNextReply) cutConnections();
        losesNextReply = false;
        await consumer.group("watchers").send("counter.changed", { count });
        return { count };
      },
    },
    "counter.watch": async (consumer) => {
      await consumer.groupAdd("watchers");
      return { count };
    },
  });
}

const sockets = new Set<Socket>();
let http: Server;
let channels: ChannelServer;
let browser: Browser;
let visitor: Visitor;

/** The script of the page, as a bundler makes it. */
async function bundlePage(): Promise<string> {
  const bundle = await rolldown({
    input: fileURLToPath(new URL("../../fixtures/protocol-page/page.ts", import.meta.url)),
    platform: "browser",
    resolve: { conditionNames: ["@multichat/source", "import", "default"] },
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  return output[0].code;
}

beforeAll(async () => {
  const script = await bundlePage();
  // Neither the schemas nor the framework are in it.
  expect(script).not.toContain("~standard");
  http = createServer((request, response) => {
    const isScript = request.url === "/page.js";
    response.setHeader("content-type", isScript ? "text/javascript" : "text/html; charset=utf-8");
    if (request.url === "/favicon.ico") response.statusCode = 204;
    response.end(
      isScript ? script : '<!doctype html><title>Counter</title><script type="module" src="/page.js"></script>',
    );
  });
  http.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const layers = new LayerRegistry();
  layers.register("default", new InMemoryLayer());
  const signedIn = authMiddleware((scope) => {
    const name = bearerToken(scope);
    return name === undefined ? undefined : { name };
  });
  const application = stack(originValidator(), signedIn)(urlRouter([route("/ws", CounterConsumer)]));
  channels = attach(http, application, { layers, logger: silentLogger });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  browser = await launchBrowser();
  visitor = await openBrowser(browser, `http://127.0.0.1:${(http.address() as AddressInfo).port}`);
  await visitor.page.goto("/");
  await visitor.page.waitForFunction(() => Reflect.has(window, "protocolPage"));
});
afterAll(async () => {
  await browser?.close();
  await channels?.close();
  http?.closeAllConnections();
  http?.close();
});

/** Runs a function in the page. */
function inPage<T>(run: (page: ProtocolPage) => T | Promise<T>): Promise<T> {
  return visitor.page.evaluate(`(${String(run)})(window.protocolPage)`);
}

/** Ends the connections without a close frame. */
function cutConnections(): void {
  for (const socket of sockets) socket.destroy();
}

test("a page calls commands with its token, and gets events", async () => {
  expect(await inPage((page) => page.getName())).toBe("alice (1)");
  expect(await inPage((page) => page.add(2))).toBe(2);
  await expect.poll(() => inPage((page) => page.counts)).toEqual([0, 2]);
});

test("a page whose connection breaks repeats its command and subscribes again", async () => {
  const before = await inPage((page) => page.states.length);
  losesNextReply = true;
  expect(await inPage((page) => page.add(3))).toBe(5);
  expect(count).toBe(5);
  await expect.poll(() => inPage((page) => page.states.at(-1)?.phase)).toBe("open");
  expect(await inPage((page) => page.states.length)).toBeGreaterThan(before);
  expect(await inPage((page) => page.add(1))).toBe(6);
  await expect.poll(() => inPage((page) => page.counts.at(-1))).toBe(6);
});

test("a page without a network waits for it, and connects when it is back", async () => {
  await visitor.context.setOffline(true);
  cutConnections();
  await expect.poll(() => inPage((page) => page.states.at(-1))).toMatchObject({ phase: "waiting", reason: "offline" });
  // Without the browser's event it would wait for half a minute.
  const until = await inPage((page) => (page.states.at(-1) as { until: number }).until);
  const added = inPage((page) => page.add(4));
  await visitor.context.setOffline(false);
  expect(await added).toBe(10);
  expect(Date.now()).toBeLessThan(until);
});

test("nothing went wrong in the page", () => {
  expect(problemsBesidesOutage(visitor)).toEqual([]);
});
