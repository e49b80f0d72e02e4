import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import { Random } from "../../clients/random.ts";

// A process that copies the write-ahead log of a server into its database, as an operator's tool could; `record-server.ts`
// starts it. The server does that by itself after 4,000 pages, which is too rare for a short recording.

const BUSY_TIMEOUT_MS = 2_000;
const MAX_PAUSE_MS = 250;
/** `restart` and `truncate` make the next commit begin the log again, over what is in it. */
const MODES = ["passive", "passive", "restart", "truncate"] as const;

const [file = "", durationMs = "", seed = ""] = process.argv.slice(2);
const random = new Random(Number(seed));
const until = performance.now() + Number(durationMs);
const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
database.exec("pragma synchronous = full");
while (performance.now() < until) {
  await wait(random.between(0, MAX_PAUSE_MS));
  database.exec(`pragma wal_checkpoint(${random.pick(MODES)})`);
}
database.close();
