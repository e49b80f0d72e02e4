import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { keepOutput, killGroup, LISTENING_LINE, type ServerSettings, spawnCommand } from "../multichat/server.ts";
import { createUsersAndRooms, signInAll } from "../multichat/users.ts";
import { Connection } from "../stall/connection.ts";
import { checkDatabase } from "./database-check.ts";
import { exitOf, type RunResult } from "./run-result.ts";
import type { Acknowledged } from "./run-task.ts";
import type { ServerScenario } from "./scenario.ts";

const HANG_TIMEOUT_MS = 600_000;
const STEADY_MS = 200;

/** Runs the whole server again and again, as `multichat serve` runs it, on one database. */
export class ServerRuns {
  readonly #settings: ServerSettings;
  readonly #acknowledged: Acknowledged[] = [];
  #token: string | undefined;

  static async open(folder: string, port: number): Promise<ServerRuns> {
    const dataDir = join(folder, "server", "data");
    await mkdir(dataDir, { recursive: true });
    const settings = { dataDir, port };
    await createUsersAndRooms(settings, 1, 1);
    return new ServerRuns(settings);
  }

  private constructor(settings: ServerSettings) {
    this.#settings = settings;
  }

  async run(index: number, scenario: ServerScenario): Promise<RunResult> {
    const child = spawnCommand(["serve"], this.#settings);
    const output = keepOutput(child);
    const exited = new Promise<string>((resolve) => {
      child.once("exit", (code, signal) => resolve(exitOf(code, signal)));
    });
    let isHanging = false;
    const hang = setTimeout(() => {
      isHanging = true;
      killGroup(child);
    }, HANG_TIMEOUT_MS);
    const acknowledged: Acknowledged[] = [];
    await Promise.race([exited, this.#workUntilEnded(child, output, scenario, acknowledged)]);
    const exit = await exited;
    clearTimeout(hang);
    this.#acknowledged.push(...acknowledged);
    const damage = checkDatabase(join(this.#settings.dataDir, "multichat.db"), this.#acknowledged);
    const errorOutput = output();
    return {
      index,
      scenario,
      exit: isHanging ? "hang" : exit,
      errorOutput,
      ...damage,
      acknowledged: acknowledged.length,
    };
  }

  async #workUntilEnded(
    child: ChildProcess,
    output: () => string,
    { phase, ending, delayMs }: ServerScenario,
    acknowledged: Acknowledged[],
  ): Promise<void> {
    if (phase !== "starting") {
      const url = await untilListening(child, output);
      this.#token ??= (await signInAll(url, 1))[0];
      void flood(url, this.#token ?? "", acknowledged).catch(() => {
        // The server has ended.
      });
      await wait(phase === "serving" ? 0 : STEADY_MS);
    }
    if (phase === "stopping") child.kill("SIGTERM");
    await wait(delayMs);
    if (ending === "kill -9") killGroup(child);
    else child.kill("SIGTERM");
    if (ending !== "SIGTERM twice") return;
    await wait(delayMs / 4);
    child.kill("SIGTERM");
  }
}

/** Resolves with the URL; never, when the process ends first. */
function untilListening(child: ChildProcess, output: () => string): Promise<string> {
  return new Promise((resolve) => {
    child.stdout?.on("data", () => {
      const url = LISTENING_LINE.exec(output())?.groups?.url;
      if (url !== undefined) resolve(url);
    });
  });
}

/** Posts messages one after another, until the connection ends. */
async function flood(url: string, token: string, acknowledged: Acknowledged[]): Promise<void> {
  const connection = await Connection.open(url, token);
  await connection.do("room.join", { room: 1 });
  for (;;) {
    const clientId = randomUUID();
    const { ok, error } = await connection.send("message.send", { room: 1, clientId, body: "a message of this run" });
    if (error !== undefined) await wait((error.retryAfter ?? 1) * 1_000);
    // The cast holds: the shape is that of the protocol.
    else acknowledged.push({ clientId, seq: (ok as { seq: number }).seq });
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
