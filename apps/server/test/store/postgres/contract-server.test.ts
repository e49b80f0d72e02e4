import { runOnPostgres } from "../support/run-contract.ts";

await runOnPostgres([
  () => import("../../consumers/access/queued-commands.test.ts"),
  () => import("../../consumers/messages/messages.test.ts"),
  () => import("../../consumers/messages/search.test.ts"),
  () => import("../../consumers/rooms/members.test.ts"),
  () => import("../../members/outdated-access.test.ts"),
  () => import("../../access/reads-after-loss.test.ts"),
  () => import("../../consumers/connection/multichat-v1.test.ts"),
  () => import("../../consumers/connection/input-edges.test.ts"),
]);
