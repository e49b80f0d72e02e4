import { runOnPostgres } from "../support/run-contract.ts";

await runOnPostgres([() => import("../model.test.ts")]);
