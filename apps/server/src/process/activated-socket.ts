import { fstatSync, readFileSync } from "node:fs";
import { StartError } from "./start-error.ts";

/** The first descriptor that a service manager passes; the standard streams are 0 to 2. */
const FIRST_DESCRIPTOR = 3;
/** Of /proc/net/unix. */
const INODE_COLUMN = 6;

/**
 * Returns the descriptor of the socket that the service manager has opened for this process (systemd's socket activation, as
 * sd_listen_fds(3) describes it); undefined: there is none. Connections wait in it while no server runs. The variables are removed
 * from the environment, so that no process that this one starts takes the socket for its own.
 *
 * @throws StartError for several sockets.
 */
export function takeActivatedSocket(
  env: NodeJS.ProcessEnv = process.env,
  pid: number = process.pid,
): number | undefined {
  const { LISTEN_PID: forPid, LISTEN_FDS: count } = env;
  for (const name of ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]) delete env[name];
  if (forPid !== String(pid) || count === undefined || count === "0") return undefined;
  if (count !== "1") {
    throw new StartError(
      `LISTEN_FDS: expected one socket from the service manager, got ${count}. Leave one ListenStream= in the socket unit.`,
    );
  }
  return FIRST_DESCRIPTOR;
}

/** @throws StartError unless the descriptor is a TCP socket. */
export function assertTcpSocket(fd: number): void {
  const what = describe(fd);
  if (what !== "a TCP socket") {
    throw new StartError(
      `LISTEN_FDS: expected a TCP socket from the service manager, got ${what}. Set ListenStream= to an address and a port.`,
    );
  }
}

function describe(fd: number): string {
  try {
    const stats = fstatSync(fd);
    if (!stats.isSocket()) return "no socket";
    return isUnixSocket(stats.ino) ? "a Unix socket" : "a TCP socket";
  } catch {
    // Nothing is open under this number.
    return "none";
  }
}

/** Asks the kernel: Node does not say before it listens. */
function isUnixSocket(inode: number): boolean {
  const lines = readFileSync("/proc/net/unix", "utf8").split("\n");
  return lines.some((line) => line.split(/ +/)[INODE_COLUMN] === String(inode));
}
