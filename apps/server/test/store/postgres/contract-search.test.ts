import { runOnPostgres } from "../support/run-contract.ts";

await runOnPostgres([() => import("../search.test.ts")]);
