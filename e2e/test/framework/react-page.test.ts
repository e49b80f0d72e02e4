import { createServer, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo, Socket } from "node:net";
import { fileURLToPath } from "node:url";
import {
  attach,
  type ChannelServer,
  commands,
  InMemoryLayer,
  LayerRegistry,
  protocolConsumer,
  route,
  silentLogger,
  urlRouter,
} from "@multichat/channels";
import type { Browser } from "playwright-core";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReactPage } from "../../fixtures/react-page/page.tsx";
import { chat } from "../../fixtures/react-page/protocol.ts";
import { launchBrowser, openBrowser, type Visitor } from "../../src/browser.ts";

/** What the server was asked to do, in order. */
const commandLog: string[] = [];
const deniedRooms = new Set(["secret"]);
/** While there is one, a room is joined when it resolves. */
let gate: PromiseWithResolvers<void> | undefined;
let joins = 0;

class ChatConsumer extends protocolConsumer(chat) {
  static override commands = commands<ChatConsumer>({
    "room.join": async (consumer, { room }, call) => {
      commandLog.push(`join ${room}`);
      if (deniedRooms.has(room)) throw call.error("ROOM_ACCESS_DENIED");
      await gate?.promise;
      await consumer.groupAdd(`room.${room}`);
      joins += 1;
      return { room, joins };
    },
    "room.leave": async (consumer, { room }) => {
      commandLog.push(`leave ${room}`);
      await consumer.groupDiscard(`room.${room}`);
    },
    "room.post": async (consumer, { room, text }, call) => {
      if (deniedRooms.has(room)) throw call.error("ROOM_ACCESS_DENIED");
      await consumer.group(`room.${room}`).send("room.posted", { room, text });
      return { text };
    },
    wait: {
      concurrent: true,
      async run(_consumer, { name }, { signal }) {
        if (name === "nothing") return;
        commandLog.push(`wait ${name}`);
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        commandLog.push(`abort ${name}`);
      },
    },
  });
}

/** Bundles the page with the React that a folder of this repository has. */
async function bundlePage(folder: string): Promise<string> {
  const { resolve } = createRequire(new URL(`../../../${folder}/package.json`, import.meta.url));
  const modules = ["react/jsx-runtime", "react-dom/client", "react-dom", "react"];
  const bundle = await rolldown({
    input: fileURLToPath(new URL("../../fixtures/react-page/page.tsx", import.meta.url)),
    platform: "browser",
    resolve: {
      conditionNames: ["@multichat/source", "import", "default"],
      alias: Object.fromEntries(modules.map((name) => [name, resolve(name)])),
    },
    // StrictMode mounts twice only in React's development build.
    transform: { jsx: { runtime: "automatic" }, define: { "process.env.NODE_ENV": '"development"' } },
  });
  const { output } = await bundle.generate({ format: "esm" });
  await bundle.close();
  return output[0].code;
}

const scripts = new Map<string, string>();
const sockets = new Set<Socket>();
let http: Server;
let channels: ChannelServer;
let browser: Browser;

beforeAll(async () => {
  for (const [version, folder] of [
    ["19", "e2e"],
    ["18", "packages/react"],
  ] as const) {
    scripts.set(`/page-${version}.js`, await bundlePage(folder));
  }
  http = createServer(({ url = "/" }, response) => {
    const script = scripts.get(url);
    if (url === "/favicon.ico") response.statusCode = 204;
    response.setHeader("content-type", script === undefined ? "text/html; charset=utf-8" : "text/javascript");
    response.end(
      script ??
        `<!doctype html><title>Hooks</title><body><script type="module" src="/page-${url.slice(1)}.js"></script>`,
    );
  });
  http.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const layers = new LayerRegistry();
  layers.register("default", new InMemoryLayer());
  channels = attach(http, urlRouter([route("/ws", ChatConsumer)]), { layers, logger: silentLogger });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await channels?.close();
  http?.closeAllConnections();
  http?.close();
});

describe.each(["19", "18"])("a page with React %s in StrictMode", (version) => {
  let visitor: Visitor;

  beforeAll(async () => {
    visitor = await openBrowser(browser, `http://127.0.0.1:${(http.address() as AddressInfo).port}`);
    await visitor.page.goto(`/${version}`);
    await visitor.page.waitForFunction(() => Reflect.has(window, "reactPage"));
  });
  afterAll(() => visitor?.context.close());

  /** Runs a function in the page. */
  const inPage = <T>(run: (page: ReactPage) => T | Promise<T>): Promise<T> =>
    visitor.page.evaluate(`(${String(run)})(window.reactPage)`);
  const expectTexts = (selector: string) =>
    expect.poll(() =>
      visitor.page.evaluate(
        (css) => [...document.querySelectorAll(css)].map(({ textContent }) => textContent),
        selector,
      ),
    );
  /** Returns what the server was asked to do since the last time, when the page's commands have arrived. */
  const readLog = async () => {
    await inPage((page) => page.settle());
    return commandLog.splice(0);
  };

  test("shows the connection in every component alike", async () => {
    expect(await inPage((page) => page.version)).toMatch(new RegExp(`^${version}\\.`));
    await expectTexts("#first, #second").toEqual(["open", "open"]);
  });

  test("joins a room once, and calls the listeners of the latest render", async () => {
    await inPage((page) => page.show({ rooms: [{ id: "1", room: "a" }], label: "old" }));
    await expectTexts(".room").toEqual(["a active"]);
    expect(await readLog()).toEqual(["join a"]);
    await inPage((page) =>
      page.show({
        rooms: [
          { id: "1", room: "a" },
          { id: "2", room: "a" },
        ],
        label: "new",
      }),
    );
    await expectTexts(".room").toEqual(["a active", "a active"]);
    await inPage((page) => page.post("a", "hi"));
    await expect
      .poll(async () => (await inPage((page) => page.received)).toSorted())
      .toEqual(["event new hi", "event new hi", "on new hi", "on new hi"]);
    expect(await readLog()).toEqual(["join a"]);
  });

  test("leaves a room with the last component that uses it, also after a reconnect", async () => {
    await inPage((page) => page.show({ rooms: [{ id: "2", room: "a" }] }));
    await expectTexts(".room").toEqual(["a active"]);
    expect(await readLog()).toEqual([]);
    for (const socket of sockets) socket.destroy();
    await expect.poll(() => commandLog).toEqual(["join a"]);
    await expectTexts("#first, .room").toEqual(["open", "a active"]);
    expect(await readLog()).toEqual(["join a"]);
    // Another room in the same component: its state never shows the reply of the first.
    await inPage((page) => page.show({ rooms: [{ id: "2", room: "b" }] }));
    await expectTexts(".room").toEqual(["b active"]);
    expect(await readLog()).toEqual(["join b", "leave a"]);
    // Another component takes over in the same render.
    await inPage((page) => page.show({ rooms: [{ id: "3", room: "b" }] }));
    await expect.poll(() => commandLog).toEqual(["join b"]);
    expect(await readLog()).toEqual(["join b"]);
    await inPage((page) => page.show({ rooms: [] }));
    await expectTexts(".room").toEqual([]);
    expect(await readLog()).toEqual(["leave b"]);
  });

  test("shows that a room has refused it", async () => {
    await inPage((page) => page.show({ rooms: [{ id: "4", room: "secret" }] }));
    await expectTexts(".room").toEqual(["secret ended"]);
    expect(await inPage((page) => page.errors)).toEqual(["CommandError: You are not a member of this room."]);
    expect(await readLog()).toEqual(["join secret"]);
  });

  test("shows a call's progress, reply and error, and cancels it when asked or unmounted", async () => {
    await inPage((page) => page.show({ rooms: [], caller: true }));
    const expectState = (id: string) => expectTexts(id);
    await expectState("#post").toEqual(['{"isPending":false,"error":null}']);
    await inPage((page) => page.startPost("a", "t"));
    await expectState("#post").toEqual(['{"isPending":false,"data":{"text":"t"},"error":null}']);
    await inPage((page) => page.startPost("secret", "t"));
    const refusal = '"error":"CommandError: You are not a member of this room."';
    await expectState("#post").toEqual([`{"isPending":false,"data":{"text":"t"},${refusal}}`]);
    await inPage((page) => page.startWait("canceled"));
    await expectState("#wait").toEqual(['{"isPending":true,"error":null}']);
    await expect.poll(() => commandLog).toContain("wait canceled");
    await inPage((page) => page.cancelWait());
    await expectState("#wait").toEqual(['{"isPending":false,"error":null}']);
    await expect.poll(() => commandLog).toContain("abort canceled");
    await inPage((page) => page.startWait("unmounted"));
    await expect.poll(() => commandLog).toContain("wait unmounted");
    await inPage((page) => page.show({ rooms: [] }));
    await expect.poll(() => commandLog).toContain("abort unmounted");
    commandLog.length = 0;
  });

  test.runIf(version === "19")("suspends until the reply, and throws the refusal to the error boundary", async () => {
    gate = Promise.withResolvers();
    await inPage((page) => page.show({ rooms: [{ id: "5", room: "late" }], suspends: true }));
    await expect.poll(() => commandLog).toEqual(["join late"]);
    await expectTexts("#content").toEqual(["loading"]);
    gate.resolve();
    gate = undefined;
    await expectTexts("#content").toEqual(["in late"]);
    await inPage((page) => page.show({ rooms: [{ id: "5", room: "secret" }], suspends: true }));
    await expectTexts("#content").toEqual(["CommandError: You are not a member of this room."]);
    await inPage((page) => page.show({ rooms: [] }));
    await expectTexts("#content").toEqual([]);
    expect(await readLog()).toEqual(["join late", "join secret", "leave late"]);
  });

  test("has torn no state", async () => {
    expect(await inPage((page) => page.torn)).toEqual([]);
  });
});
