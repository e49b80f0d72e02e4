import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Person, Room } from "@multichat/protocol";
import { OPERATOR } from "../access/operator.ts";
import { Refusal } from "../access/refusal.ts";
import type { Actor, NewAccount, RequestOrigin } from "../accounts/accounts.ts";
import { explainWeakPassword } from "../accounts/password-policy.ts";
import type { Context } from "../context.ts";
import { assertNotReserved, assertStrongPassword, isAddressingWord, toPerson, unwrapAccount } from "../people/index.ts";
import { createRoom } from "../rooms/index.ts";
import type { AuditSource } from "../store/store.ts";

export interface SetupInput {
  readonly username: string;
  readonly password: string;
  readonly email?: string | undefined;
  /** The title of the first room. */
  readonly room: string;
}

/**
 * The setup of a new server: while there are no accounts, the one-time token that the server prints at startup allows its
 * holder to create the first administrator and the first room. The token is valid for one process.
 */
export class Setup {
  readonly token: string = randomBytes(24).toString("base64url");
  readonly #context: Context;
  #isRunning = false;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Whether there are no accounts yet. */
  async isNeeded(): Promise<boolean> {
    return (await this.#context.accounts.count()) === 0;
  }

  /** Whether the token is right and the setup is still needed. */
  async acceptsToken(token: string): Promise<boolean> {
    return isSameToken(token, this.token) && (await this.isNeeded());
  }

  /** @throws Refusal SETUP_CLOSED for a wrong token and for a server with accounts, without a difference between the two. */
  async run(token: string, input: SetupInput, origin?: RequestOrigin): Promise<{ person: Person; room: Room }> {
    // Checked and set before the first await, so that of two concurrent calls only one runs.
    if (this.#isRunning || !isSameToken(token, this.token)) throw new Refusal("SETUP_CLOSED");
    this.#isRunning = true;
    try {
      if (!(await this.isNeeded())) throw new Refusal("SETUP_CLOSED");
      assertNotReserved(OPERATOR, input.username);
      await assertStrongPassword(input.password, input);
      const account = unwrapAccount(
        await this.#context.accounts.create(toAdministrator(input), {
          action: "setup",
          actor: null,
          address: origin?.address ?? null,
          request: origin?.request ?? null,
        }),
      );
      const actor: Actor = { ...account, session: null };
      const room = await createRoom(this.#context, actor, { title: input.room });
      return { person: toPerson(account), room };
    } finally {
      this.#isRunning = false;
    }
  }
}

const CONFIGURATION: AuditSource = {
  action: "setup",
  actor: null,
  address: null,
  request: null,
  details: { source: "ADMIN_USERNAME" },
};

/**
 * Creates the administrator of the configuration while there are no accounts, and never again, so that a password that was
 * changed since stays changed.
 *
 * @throws Refusal USERNAME_RESERVED, or COMMAND_INVALID for a password that is easy to guess.
 * @returns the new account, or undefined where there was one already.
 */
export async function ensureFirstAdministrator(
  context: Pick<Context, "accounts">,
  administrator: { readonly username: string; readonly password: string },
): Promise<Person | undefined> {
  if ((await context.accounts.count()) > 0) return undefined;
  if (isAddressingWord(administrator.username))
    throw new Refusal(
      "USERNAME_RESERVED",
      `ADMIN_USERNAME: expected a name that is not reserved, got "${administrator.username}".`,
    );
  const weakness = await explainWeakPassword(administrator.password, administrator);
  if (weakness !== undefined)
    throw new Refusal("COMMAND_INVALID", `ADMIN_PASSWORD: expected a password that is hard to guess. ${weakness}`);
  const created = await context.accounts.create(toAdministrator(administrator), CONFIGURATION);
  // Another server that started at the same moment has created it.
  if (created === "taken") return undefined;
  return toPerson(unwrapAccount(created));
}

function toAdministrator({ username, password, email }: Omit<SetupInput, "room">): NewAccount {
  return { username, password, email, staff: true, superuser: true };
}

/** Compares in constant time, also for tokens of different length. */
function isSameToken(given: string, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
