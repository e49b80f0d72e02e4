import { runOnPostgres } from "../support/run-contract.ts";

await runOnPostgres([() => import("../audit/audited-changes.test.ts")]);
