import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CommandResult } from "@multichat/protocol";
import { freePort, Server } from "../multichat/server.ts";
import { createUsersAndRooms, getJson, signInAll } from "../multichat/users.ts";
import { type Usage, usageOf } from "../report/usage.ts";
import { MultichatClient } from "./multichat-client.ts";
import type { JitterPlan, Subject } from "./plan.ts";
import type { ClientListener, ProtocolClient } from "./protocol-client.ts";
import { SocketIoClient } from "./socket-io-client.ts";

/** Connections that share one user. */
const CONNECTIONS_PER_USER = 100;

/** A running server of a subject, and its protocol client. */
export interface SubjectServer {
  readonly port: number;
  createClient(index: number, room: number, listener: ClientListener): ProtocolClient;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

export function startSubject(subject: Subject, plan: JitterPlan): Promise<SubjectServer> {
  return subject === "multichat" ? startMultichat(plan) : startSocketIo({ recovery: subject === "socket.io recovery" });
}

/** Starts the chat as an operator runs it: with accounts and a database on disk, each message synced before delivery. */
async function startMultichat({ connections, rooms: roomCount }: JitterPlan): Promise<SubjectServer> {
  const folder = await mkdtemp(join(tmpdir(), "multichat-jitter-"));
  const settings = {
    dataDir: join(folder, "data"),
    port: await freePort(),
    env: {
      // A user's hundred connections, and earlier ones that the server has not yet found dead.
      LIMIT_CONNECTIONS_PER_USER: String(3 * CONNECTIONS_PER_USER),
      // Socket.IO has no notices of arrivals and departures, and a room of ten thousand has no use for them.
      NOTIFY_USERS_ON_ENTER_OR_LEAVE_ROOMS: "false",
    },
  };
  await mkdir(settings.dataDir);
  const userCount = Math.ceil(connections / CONNECTIONS_PER_USER);
  await createUsersAndRooms(settings, userCount, roomCount);
  const server = await Server.start(settings);
  const tokens = await signInAll(server.url, userCount);
  const [first = ""] = tokens;
  const { rooms } = await getJson<Pick<CommandResult<"room.list">, "rooms">>(server.url, first, "/api/rooms");
  const { epoch } = await fetchEpoch(server.url, first);
  return {
    port: settings.port,
    createClient: (index, room, listener) => {
      const ownRoom = rooms[room];
      if (ownRoom === undefined) throw new Error(`Expected ${roomCount} rooms, got ${rooms.length}.`);
      return new MultichatClient(tokens[index % userCount] ?? "", rooms, ownRoom, epoch, listener);
    },
    usage: () => server.usage(),
    stop: async () => {
      await server.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Reads the epoch, which only the WebSocket API returns. */
async function fetchEpoch(url: string, token: string): Promise<{ readonly epoch: string }> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/ws`, ["multichat.v1", `bearer.${token}`]);
  try {
    await once(socket, "open");
    const answer = once(socket, "message");
    socket.send(JSON.stringify({ id: 1, do: "room.list" }));
    const [{ data }] = (await answer) as [{ readonly data: string }];
    return (JSON.parse(data) as { ok: CommandResult<"room.list"> }).ok;
  } finally {
    socket.close();
  }
}

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

async function startSocketIo({ recovery }: { readonly recovery: boolean }): Promise<SubjectServer> {
  const file = fileURLToPath(new URL("./server-socket-io.ts", import.meta.url));
  const child = spawn(process.execPath, [file, recovery ? "recovery" : "plain"], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  const [{ port }] = (await once(child, "message")) as [{ readonly port: number }];
  return {
    port,
    createClient: (_, room, listener) => new SocketIoClient(room, listener),
    usage: () => usageOf(child.pid ?? 0),
    stop: async () => {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}
