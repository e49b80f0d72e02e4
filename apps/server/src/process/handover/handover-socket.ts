import { once } from "node:events";
import { mkdir, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname, join, relative } from "node:path";

/** One successor, and others that are refused. */
const MAX_CONNECTIONS = 8;

/** The Unix socket at which the server on a port is asked to hand over to another one. */
export function handoverSocketPath(folder: string, port: number): string {
  return join(folder, `server-${port}.sock`);
}

/** What listens there. */
export interface HandoverListener {
  /** Stops listening and removes the socket. What is connected stays so. */
  close(): Promise<void>;
}

/**
 * Listens for a successor. Only the account of this process can connect.
 *
 * @returns undefined where another server listens there: one in another container, with the same folder.
 * @throws Error where the system refuses it, for example because the path is too long.
 */
export async function listenForSuccessor(
  path: string,
  onConnection: (socket: Socket) => void,
): Promise<HandoverListener | undefined> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const server = createServer(onConnection);
  server.maxConnections = MAX_CONNECTIONS;
  try {
    await listenAt(server, path);
  } catch (error) {
    if (codeOf(error) !== "EADDRINUSE") throw error;
    const other = await connectToPredecessor(path);
    other?.destroy();
    if (other !== undefined) return undefined;
    // Left by a process that was killed.
    await rm(path, { force: true });
    await listenAt(server, path);
  }
  // A server that ends must not wait for it.
  server.unref();
  return {
    close: async () => {
      if (!server.listening) return;
      // It stops in this turn; connections that are open may keep the event from coming.
      server.close();
    },
  };
}

/** Connects to the server that listens there. Returns undefined where there is none. @throws Error for any other reason. */
export async function connectToPredecessor(path: string): Promise<Socket | undefined> {
  const socket = connect(shortened(path));
  try {
    await once(socket, "connect");
    return socket;
  } catch (error) {
    if (["ENOENT", "ECONNREFUSED"].includes(String(codeOf(error)))) return undefined;
    throw error;
  }
}

async function listenAt(server: Server, path: string): Promise<void> {
  // Created without access for others. The mask belongs to the process, and the socket is created in this turn.
  const mask = process.umask(0o177);
  const listening = once(server, "listening");
  try {
    server.listen(shortened(path));
  } finally {
    process.umask(mask);
  }
  await listening;
}

/** The system allows about a hundred bytes, which the folder of a database can exceed. */
function shortened(path: string): string {
  const relativePath = relative(process.cwd(), path);
  return relativePath.length < path.length ? relativePath : path;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
