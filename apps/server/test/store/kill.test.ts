import { expect, test } from "vitest";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { childFor } from "./child-process.ts";
import type { Acknowledged } from "./child-store.ts";
import { roomIn, tempFile, until } from "./temp-store.ts";
import { expectWholeLog } from "./whole-log.ts";

test("what was acknowledged survives kill -9 in the middle of a flood, and the log has no gap", {
  timeout: 120_000,
}, async () => {
  const file = await tempFile();
  const first = await openSqliteStore({ file });
  const room = await roomIn(first);
  await first.close();
  const acknowledged: Acknowledged[] = [];
  for (let round = 1; round <= 5; round += 1) {
    const child = await childFor(file);
    child.flood(room, "flooder");
    await until(() => child.acknowledged.length >= 150 * round);
    await child.kill();
    acknowledged.push(...child.acknowledged);
    const store = await openSqliteStore({ file });
    const lastSeq = await expectWholeLog(store, room, acknowledged);
    expect(lastSeq).toBeGreaterThan(acknowledged.length);
    await store.close();
  }
});
