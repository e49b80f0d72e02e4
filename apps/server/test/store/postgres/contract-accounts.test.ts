import { runOnPostgres } from "../support/run-contract.ts";

await runOnPostgres([
  () => import("../../accounts/accounts.test.ts"),
  () => import("../../accounts/sign-in.test.ts"),
  () => import("../../accounts/sessions.test.ts"),
  () => import("../../accounts/earlier-names.test.ts"),
  () => import("../../invitations/invitations.test.ts"),
  () => import("../../people/reset-links.test.ts"),
]);
