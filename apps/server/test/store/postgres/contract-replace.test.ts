import { runOnPostgres } from "../support/run-contract.ts";

await runOnPostgres([() => import("../../processes/replace.test.ts")]);
