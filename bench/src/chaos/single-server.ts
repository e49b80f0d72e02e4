import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { DatabaseSnapshot } from "../audit/client-record.ts";
import { readSnapshot } from "../audit/database-snapshot.ts";
import { freePort, Server, type ServerSettings } from "../multichat/server.ts";
import { createUsersAndRooms } from "../multichat/users.ts";
import type { ChaosSystem } from "./system.ts";

/** One server on SQLite, which is killed and restarted. */
export class SingleServer implements ChaosSystem {
  readonly #settings: ServerSettings;
  readonly #failure = Promise.withResolvers<never>();
  #server: Server | undefined;
  #kills = 0;
  #isKilled = false;

  private constructor(settings: ServerSettings) {
    this.#settings = settings;
    // A step that waits for it races with it; without one it must not end the process.
    this.#failure.promise.catch(() => {});
  }

  /** @param folder an empty one, for its data */
  static async create(folder: string, env: Readonly<Record<string, string>>): Promise<SingleServer> {
    const settings = { dataDir: join(folder, "data"), port: await freePort(), env };
    await mkdir(settings.dataDir);
    return new SingleServer(settings);
  }

  get ports(): readonly number[] {
    return [this.#settings.port];
  }

  get faults(): Readonly<Record<string, number>> {
    return { "kill -9 of the server": this.#kills };
  }

  get failure(): Promise<never> {
    return this.#failure.promise;
  }

  async start(userCount: number, rooms: number): Promise<void> {
    await createUsersAndRooms(this.#settings, userCount, rooms);
    await this.#start();
  }

  async disturb(): Promise<void> {
    await this.#server?.kill();
    this.#kills += 1;
    await this.#start();
  }

  async recover(): Promise<void> {}

  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  readSnapshot(): DatabaseSnapshot {
    return readSnapshot(join(this.#settings.dataDir, "multichat.db"));
  }

  async kill(): Promise<void> {
    this.#isKilled = true;
    await this.#server?.kill();
  }

  async #start(): Promise<void> {
    const server = await Server.start(this.#settings);
    if (this.#isKilled) {
      await server.kill();
      return;
    }
    this.#server = server;
    server.untilUnexpectedExit().catch(this.#failure.reject);
  }
}
