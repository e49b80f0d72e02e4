import { fileURLToPath } from "node:url";
import { compileProgram } from "./native.ts";
import { type RunningServer, ServerProcess } from "./running-server.ts";

const FILES = {
  channels: "../fanout/server-channels.ts",
  "socket.io": "../fanout/server-socket-io.ts",
  ws: "../fanout/server-ws.ts",
} as const;

/** Starts a server of the framework's own benchmark. */
export async function startNodePeer(name: keyof typeof FILES): Promise<RunningServer> {
  const file = fileURLToPath(new URL(FILES[name], import.meta.url));
  const server = new ServerProcess([process.execPath, "--conditions=@multichat/source", file], { port: "message" });
  return { port: await server.portFromMessage(), pids: [server.pid], stop: () => server.stop() };
}

/** Starts the broadcaster in C, the limit of what one core can do. @throws where the machine has no C compiler. */
export async function startBroadcaster(): Promise<RunningServer> {
  const program = compileProgram("limit");
  if (program === undefined) throw new Error("Expected Linux with a C compiler (Debian: apt-get install gcc).");
  const server = new ServerProcess([program], { port: "line" });
  return { port: await server.portFromOutput(), pids: [server.pid], stop: () => server.stop() };
}
