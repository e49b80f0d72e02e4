import type { PasswordOwner } from "@multichat/protocol/passwords";
import { Refusal } from "../access/refusal.ts";
import { explainWeakPassword } from "../accounts/password-policy.ts";

/** Checks a new password against breached ones, the name and the product. @throws Refusal COMMAND_INVALID with the reason. */
export async function assertStrongPassword(password: string, owner: PasswordOwner): Promise<void> {
  const message = await explainWeakPassword(password, owner);
  if (message !== undefined) throw new Refusal("COMMAND_INVALID", message, { issues: [{ path: "password", message }] });
}
