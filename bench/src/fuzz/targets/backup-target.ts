import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspectSqlite } from "../../../../apps/server/src/store/sqlite/maintenance/inspect.ts";
import { restoreSqlite } from "../../../../apps/server/src/store/sqlite/maintenance/restore.ts";
import { StoreError } from "../../../../apps/server/src/store/store-error.ts";
import { TestChat, testConfig } from "../../../../apps/server/test/support/chat-server.ts";
import type { Random } from "../../clients/random.ts";
import { expectThat, type Target } from "../target.ts";

const PAGE_BYTES = 4_096;
/** An intact backup takes almost 50 ms: a restore is a command of its own, in which no client waits. */
const MAX_RESTORE_CPU_MS = 500;
const OTHER_FILES = ["", "SQLite format 3\x00", '{"users":[]}', "\x1f\x8b\x08\x00"];

/**
 * Damaged backups: each is refused with a StoreError, or becomes a database without damage. An input is a list of changes to
 * an intact backup, because inputs of its size could not be shrunk: `offset:bytes in hex`, or `=` and the whole file.
 */
export async function backupTarget(): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), "multichat-fuzz-"));
  const intact = await writeIntactBackup();
  const backup = join(folder, "backup.sqlite3");
  const file = join(folder, "restored.sqlite3");
  return {
    corpus: [
      "",
      "0:00",
      "18:0202",
      "28:ffffffff",
      `${intact.length / 2}:cut`,
      ...OTHER_FILES.map((text) => `=${text}`),
    ],
    maxInputCpuMs: MAX_RESTORE_CPU_MS,
    generate: (random) => randomChanges(intact.length, random),
    async run(input) {
      await Promise.all(["", "-wal", "-shm", ".restored"].map((suffix) => rm(`${file}${suffix}`, { force: true })));
      await writeFile(backup, applyChanges(intact, input));
      try {
        await restoreSqlite({ backup, file });
      } catch (error) {
        if (error instanceof StoreError && error.message.length < 4_000) return;
        throw error;
      }
      const inspection = inspectSqlite(file);
      expectThat(
        inspection.found === "database" && inspection.damage.length === 0,
        "expected a database without damage",
      );
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}

async function writeIntactBackup(): Promise<Buffer> {
  const chat = await TestChat.start();
  const { dataDir } = chat;
  const { databaseFile } = testConfig(dataDir);
  await chat.api("alice", "POST", "/api/rooms/1/messages", { clientId: "backup", body: "hello" });
  await chat.running.close();
  const bytes = await readFile(databaseFile);
  await rm(dataDir, { recursive: true, force: true });
  return bytes;
}

function randomChanges(size: number, random: Random): string {
  const changes: string[] = [];
  for (let count = 1 + random.integerBelow(4); count > 0; count -= 1) {
    // Mostly the headers of the file and of pages, where a change means most.
    const page = random.integerBelow(Math.ceil(size / PAGE_BYTES)) * PAGE_BYTES;
    const offset = random.chance(0.2)
      ? random.integerBelow(100)
      : page + random.integerBelow(random.chance(0.5) ? 16 : PAGE_BYTES);
    const bytes = Array.from({ length: 1 + random.integerBelow(8) }, () => random.integerBelow(256));
    changes.push(random.chance(0.05) ? `${offset}:cut` : `${offset}:${Buffer.from(bytes).toString("hex")}`);
  }
  return changes.join(" ");
}

function applyChanges(intact: Buffer, input: string): Buffer {
  if (input.startsWith("=")) return Buffer.from(input.slice(1), "latin1");
  let changed = Buffer.from(intact);
  for (const [, offset = "", change = ""] of input.matchAll(/(\d{1,9}):(cut|[0-9a-f]*)/g)) {
    const at = Number(offset);
    if (change === "cut") changed = changed.subarray(0, at);
    else if (at < changed.length) Buffer.from(change, "hex").copy(changed, at);
  }
  return changed;
}
