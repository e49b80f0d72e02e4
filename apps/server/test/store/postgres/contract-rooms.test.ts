import { runOnPostgres } from "../support/run-contract.ts";

await runOnPostgres([
  () => import("../rooms/rooms.test.ts"),
  () => import("../rooms/members.test.ts"),
  () => import("../rooms/preferences.test.ts"),
]);
