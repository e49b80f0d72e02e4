import { expect, test } from "vitest";
import { verifyAudit } from "../../../src/store/audit/verify-audit.ts";
import { connect } from "../../../src/store/sqlite/connection.ts";
import { openSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { AuditSource } from "../../../src/store/store.ts";
import { childFor } from "../support/child-process.ts";
import { ALICE, tempFile, until } from "../support/temp-store.ts";

const BY: AuditSource = { actor: ALICE, address: "192.0.2.7", request: "req-7" };

const personOf = (id: string) => ({
  id,
  username: id,
  email: `${id}@example.org`,
  password: `hash of ${id}`,
  staff: false,
  superuser: false,
  passwordChangeRequired: false,
});

test("kill -9 at any moment leaves no change without its entry and no entry without its change", async () => {
  const file = await tempFile();
  await (await openSqliteStore({ file })).close();
  for (let round = 1; round <= 3; round += 1) {
    const child = await childFor(file);
    let acknowledged = 0;
    let isRunning = true;
    const lane = async (lane: number): Promise<void> => {
      for (let i = 0; isRunning; i += 1) {
        const id = `p${round}-${lane}-${i}`;
        await child.call("people.create", { ...personOf(id), by: BY });
        // In one turn, so that they share transactions with other lanes, and a kill can come between any two.
        await Promise.all([
          child.call("people.change", { id, changes: { staff: i % 2 === 0 }, by: BY }),
          child.call("settings.update", { roomCreators: i % 2 === 0 ? "staff" : "everybody", by: BY }),
          child.call("people.change", { id, changes: { passwordChangeRequired: i % 3 === 0 }, by: BY }),
        ]);
        acknowledged += 1;
      }
    };
    // Each lane ends with the call that the kill has interrupted.
    const lanes = Array.from({ length: 8 }, (_, i) => lane(i).catch(() => {}));
    await until(() => acknowledged >= 30 * round);
    await child.kill();
    isRunning = false;
    await Promise.all(lanes);

    // The next opening of the file recovers it.
    const connection = connect({ file, readOnly: true, busyTimeoutMs: 1_000 });
    expect(await verifyAudit(connection, {})).not.toHaveProperty("damage");
    const { raw } = connection;
    const column = (sql: string) =>
      raw
        .prepare<[], { value: string }>(sql)
        .all()
        .map(({ value }) => value);
    const inEntries = column("select target as value from audit where action = 'person.create' order by target");
    expect(column("select displayUsername as value from user order by displayUsername")).toEqual(inEntries);
    expect(inEntries.length).toBeGreaterThanOrEqual(30 * round);
    const lastFlags = raw
      .prepare<[], { target: string; details: string; staff: number; required: number }>(
        `select a.target, a.details, u.staff, u.passwordChangeRequired as required from audit a
         join user u on u.displayUsername = a.target where a.action = 'person.change' order by a.n`,
      )
      .all();
    const staff = new Map<string, [recorded: boolean, stored: boolean]>();
    const required = new Map<string, [recorded: boolean, stored: boolean]>();
    for (const row of lastFlags) {
      const details = JSON.parse(row.details);
      if ("staff" in details) staff.set(row.target, [details.staff, row.staff === 1]);
      if ("passwordChangeRequired" in details) {
        required.set(row.target, [details.passwordChangeRequired, row.required === 1]);
      }
    }
    for (const flags of [staff, required]) {
      for (const [target, [recorded, stored]] of flags) expect([target, recorded]).toEqual([target, stored]);
    }
    // A flag that was not given at the creation has an entry of its own.
    for (const name of column("select displayUsername as value from user where staff = 1")) {
      expect(staff.get(name), name).toBeDefined();
    }
    const [setting = ""] = column("select value from setting where key = 'roomCreators'");
    const [entry = ""] = column(
      "select details as value from audit where action = 'settings.change' order by n desc limit 1",
    );
    expect(JSON.parse(entry).roomCreators).toBe(JSON.parse(setting));
    raw.close();
  }
});
