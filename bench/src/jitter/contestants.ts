import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CommandResult } from "@multichat/protocol";
import { ask, settle, signIn } from "../multichat/people.ts";
import { freePort, Server } from "../multichat/server.ts";
import { type Usage, usageOf } from "../report/usage.ts";
import { MultichatVoice } from "./multichat-voice.ts";
import type { Contestant, JitterPlan } from "./plan.ts";
import { SocketIoVoice } from "./socket-io-voice.ts";
import type { Ear, Voice } from "./voice.ts";

/** Connections of one person. */
const DEVICES = 100;

/** A server that is measured, and how to speak to it. */
export interface Subject {
  readonly port: number;
  voice(index: number, room: number, ear: Ear): Voice;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

export function startContestant(contestant: Contestant, plan: JitterPlan): Promise<Subject> {
  return contestant === "multichat" ? startMultichat(plan) : startSocketIo(contestant === "socket.io recovery");
}

/** The chat as a user runs it: accounts, a database on the disk, every message committed and synced before anybody sees it. */
async function startMultichat({ connections, rooms: roomCount }: JitterPlan): Promise<Subject> {
  const folder = await mkdtemp(join(tmpdir(), "multichat-jitter-"));
  const settings = {
    dataDir: join(folder, "data"),
    port: await freePort(),
    env: {
      // A person's hundred devices, and those of before that the server has not yet missed.
      LIMIT_CONNECTIONS_PER_USER: String(3 * DEVICES),
      // Ten thousand in a room: nobody wants to be told of each of them who comes and goes, and Socket.IO does not tell.
      NOTIFY_USERS_ON_ENTER_OR_LEAVE_ROOMS: "false",
    },
  };
  await mkdir(settings.dataDir);
  const people = Math.ceil(connections / DEVICES);
  await settle(settings, people, roomCount);
  const server = await Server.start(settings);
  const tokens = await signIn(server.url, people);
  const [first = ""] = tokens;
  const { rooms } = await ask<Pick<CommandResult<"room.list">, "rooms">>(server.url, first, "/api/rooms");
  const { epoch } = await epochOf(server.url, first);
  return {
    port: settings.port,
    voice: (index, room, ear) => {
      const its = rooms[room];
      if (its === undefined) throw new Error(`Expected ${roomCount} rooms, got ${rooms.length}.`);
      return new MultichatVoice(tokens[index % people] ?? "", rooms, its, epoch, ear);
    },
    usage: () => server.usage(),
    stop: async () => {
      await server.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The epoch is told over the socket alone. */
async function epochOf(url: string, token: string): Promise<{ readonly epoch: string }> {
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

async function startSocketIo(recovery: boolean): Promise<Subject> {
  const file = fileURLToPath(new URL("./server-socket-io.ts", import.meta.url));
  const child = spawn(process.execPath, [file, recovery ? "recovery" : "plain"], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  const [{ port }] = (await once(child, "message")) as [{ readonly port: number }];
  return {
    port,
    voice: (_, room, ear) => new SocketIoVoice(room, ear),
    usage: () => usageOf(child.pid ?? 0),
    stop: async () => {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}
