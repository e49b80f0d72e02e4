import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "@multichat/channels/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { assertTcpSocket, takeActivatedSocket } from "../../src/process/activated-socket.ts";
import { testConfig } from "../support/chat-server.ts";
import { seed } from "../support/seeds.ts";

const PROGRAM = fileURLToPath(new URL("../../bin/multichat.mjs", import.meta.url));

/**
 * Does what a service manager does with a socket unit: opens the socket, starts the service with it as descriptor 3, and again whenever
 * the service ends.
 */
const MANAGER = `
while [ ! -e "$DATA_DIR/stop" ]; do
  sh -c 'echo $$ > "$DATA_DIR/service.pid"; LISTEN_PID=$$ exec "$0" "$@"' "$@"
done`;

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "multichat-activated-"));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

interface Manager {
  readonly process: ChildProcess;
  readonly url: string;
  readonly output: () => string;
}

/** @param listen the address to open, or the path of a Unix socket */
async function startManager(listen: { host: string; port: number } | string, sockets = "1"): Promise<Manager> {
  const listener = createServer();
  listener.listen(listen);
  await once(listener, "listening");
  // Node shows the descriptor of a handle under this name alone.
  const { fd } = Reflect.get(listener, "_handle") as { fd: number };
  const address = listener.address() as AddressInfo | string;
  const process_ = spawn("sh", ["-c", MANAGER, "sh", process.execPath, PROGRAM, "serve"], {
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      MULTICHAT_SOURCE: "1",
      DATA_DIR: dataDir,
      // Another address than that of the socket, at which nobody listens.
      HOST: "127.0.0.1",
      PORT: "1",
      LISTEN_FDS: sockets,
    },
    stdio: ["ignore", "pipe", "pipe", fd],
  });
  let output = "";
  for (const stream of [process_.stdout, process_.stderr]) {
    stream?.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  // The copy of the manager stays open. Closing a server with the path of a socket would remove the file.
  if (typeof address !== "string") listener.close();
  else listener.unref();
  return {
    process: process_,
    url: typeof address === "string" ? "" : `http://127.0.0.1:${address.port}`,
    output: () => output,
  };
}

/** Asks over a connection of its own: one that a server keeps open may be closed by its end. */
async function get(url: string): Promise<IncomingMessage> {
  const [response] = (await once(request(url, { agent: false }).end(), "response")) as [IncomingMessage];
  return response.resume();
}

async function servicePid(): Promise<number> {
  const pid = Number(await readFile(join(dataDir, "service.pid"), "utf8"));
  // 0 would be the group of this process.
  if (!(pid > 1)) throw new Error("expected the id of a process");
  return pid;
}

async function stop(manager: Manager): Promise<void> {
  await writeFile(join(dataDir, "stop"), "");
  const ended = once(manager.process, "exit");
  // The service may have started its server as a process of its own, which it can stop only while it lives.
  process.kill(await eventually(servicePid), "SIGTERM");
  await ended;
}

describe("a socket that the service manager has opened", () => {
  test("is served in place of HOST and PORT, and keeps every request while the service restarts", async () => {
    await seed(testConfig(dataDir), {});
    const manager = await startManager({ host: "127.0.0.1", port: 0 });
    try {
      // Waits in the socket until the first server accepts it.
      expect((await fetch(`${manager.url}/readyz`)).status).toBe(200);
      await eventually(() => expect(manager.output()).toContain(`Multichat listens on ${manager.url}`));
      const first = await servicePid();
      process.kill(first, "SIGTERM");
      // Whichever server answers, and while there is none: no request is refused. Several at a time, so that some arrive in each
      // step of the stop.
      const ask = async (): Promise<void> => {
        for (let requests = 0; requests < 20 || (await servicePid().catch(() => first)) === first; requests += 1) {
          expect((await get(`${manager.url}/healthz`)).statusCode).toBe(200);
        }
      };
      await Promise.all(Array.from({ length: 8 }, ask));
    } finally {
      await stop(manager);
    }
  });

  test.each([
    ["several sockets", { host: "127.0.0.1", port: 0 }, "2", /LISTEN_FDS: expected one socket .*got 2/],
    ["a Unix socket", "unix", "1", /LISTEN_FDS: expected a TCP socket .*got a Unix socket/],
  ] as const)("is refused with what to do: %s", async (_kind, listen, sockets, message) => {
    const manager = await startManager(listen === "unix" ? join(dataDir, "socket") : listen, sockets);
    try {
      await eventually(() => expect(manager.output()).toMatch(message));
    } finally {
      await stop(manager);
    }
  });
});

test.each([
  ["a file", 0, "no socket"],
  ["nothing", 1_000_000, "none"],
])("a descriptor that is %s is refused", (_kind, descriptor, got) => {
  const fd = descriptor || openSync(PROGRAM, "r");
  expect(() => assertTcpSocket(fd)).toThrow(`got ${got}.`);
});

describe("the variables of the service manager", () => {
  test.each([
    ["for this process", { LISTEN_PID: "7", LISTEN_FDS: "1", LISTEN_FDNAMES: "http" }, 3],
    ["for another process", { LISTEN_PID: "8", LISTEN_FDS: "1" }, undefined],
    ["for a process with more digits", { LISTEN_PID: "77", LISTEN_FDS: "1" }, undefined],
    ["without a process", { LISTEN_FDS: "1" }, undefined],
    ["without a number", { LISTEN_PID: "7" }, undefined],
    ["with no socket", { LISTEN_PID: "7", LISTEN_FDS: "0" }, undefined],
    ["absent", {}, undefined],
  ])("%s", (_kind, env: NodeJS.ProcessEnv, expected) => {
    expect(takeActivatedSocket(env, 7)).toBe(expected);
    expect(env).toEqual({});
  });

  test.each(["2", "-1", "1.5", "one", "", " 1"])("are refused where they announce %o sockets", (count) => {
    expect(() => takeActivatedSocket({ LISTEN_PID: "7", LISTEN_FDS: count }, 7)).toThrow(/expected one socket/);
  });
});
