import { runOnPostgres } from "../support/run-contract.ts";

await runOnPostgres([() => import("../../durability/kill.test.ts")]);
