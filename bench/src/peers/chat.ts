import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, Server } from "../multichat/server.ts";
import { createUsersAndRooms, signInAll } from "../multichat/users.ts";
import { bindToCore, hasTwoCores, SERVER_CORE } from "../report/cores.ts";
import type { RunningServer } from "./running-server.ts";

/** What an operator raises for clients that post this much, and that all come from one place. */
const LIMITS = { LIMIT_COMMANDS_PER_SECOND: "100000", LIMIT_CONNECTIONS_PER_USER: "100000" };

export interface ChatSize {
  readonly accounts: number;
  readonly rooms: number;
}

/** A chat with accounts that are signed in and rooms, which each server starts with a copy of. */
export class PreparedChat {
  /** A bearer token for each account. */
  readonly tokens: readonly string[];
  readonly #folder: string;
  #servers = 0;

  private constructor(folder: string, tokens: readonly string[]) {
    this.#folder = folder;
    this.tokens = tokens;
  }

  static async create({ accounts, rooms }: ChatSize): Promise<PreparedChat> {
    const folder = await mkdtemp(join(tmpdir(), "multichat-bench-"));
    const settings = { dataDir: join(folder, "data"), port: await freePort(), env: LIMITS };
    await mkdir(settings.dataDir);
    await createUsersAndRooms(settings, accounts, rooms);
    const server = await Server.start(settings);
    const tokens = await signInAll(server.url, accounts);
    await server.stop();
    return new PreparedChat(folder, tokens);
  }

  /**
   * Starts the chat as `npm start` starts it, on one core: with accounts, rights, and a synced commit before each delivery.
   *
   * @param profileDir where a CPU profile of each thread is left when the server is stopped
   */
  async start({ profileDir }: { readonly profileDir?: string | undefined } = {}): Promise<RunningServer> {
    this.#servers += 1;
    const dataDir = join(this.#folder, `server-${this.#servers}`);
    await cp(join(this.#folder, "data"), dataDir, { recursive: true });
    const profile = profileDir === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${profileDir}` };
    const port = await freePort();
    const server = await Server.start({ dataDir, port, env: { ...LIMITS, ...profile } });
    const pid = await server.servingPid();
    if (hasTwoCores) bindToCore(pid, SERVER_CORE);
    return {
      port,
      pids: [pid],
      stop: async () => {
        if (profileDir === undefined) await server.kill();
        else await server.stop();
        await rm(dataDir, { recursive: true, force: true });
      },
    };
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
