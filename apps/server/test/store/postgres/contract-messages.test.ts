import { runOnPostgres } from "../support/run-contract.ts";

await runOnPostgres([
  () => import("../messages/messages.test.ts"),
  () => import("../messages/changes.test.ts"),
  () => import("../messages/edits-and-deletions.test.ts"),
  () => import("../messages/reactions-and-pins.test.ts"),
  () => import("../messages/history.test.ts"),
  () => import("../messages/markers.test.ts"),
  () => import("../messages/slow-mode.test.ts"),
  () => import("../messages/files.test.ts"),
]);
