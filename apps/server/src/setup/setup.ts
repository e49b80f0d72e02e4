import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Person, Room } from "@multichat/protocol";
import { Refusal } from "../access/refusal.ts";
import type { Actor, NewAccount } from "../accounts/accounts.ts";
import type { Context } from "../context.ts";
import { toPerson, unwrapAccount } from "../people/index.ts";
import { createRoom } from "../rooms/index.ts";

export interface SetupInput {
  readonly username: string;
  readonly password: string;
  readonly email?: string | undefined;
  /** Title of the first room. */
  readonly room: string;
}

/**
 * The first run: while nobody has an account, whoever holds the one-time token (printed where the server was started)
 * makes the first administrator and the first room. One for a process; the token dies with it or with its use.
 */
export class Setup {
  readonly token: string = randomBytes(24).toString("base64url");
  readonly #context: Context;
  #running = false;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Whether nobody has an account yet. */
  async isNeeded(): Promise<boolean> {
    return (await this.#context.accounts.count()) === 0;
  }

  /** Whether this is the token and it would still do something. */
  async acceptsToken(token: string): Promise<boolean> {
    return isSameToken(token, this.token) && (await this.isNeeded());
  }

  /** @throws Refusal SETUP_CLOSED for a wrong token and for a server that has people, without telling which. */
  async run(token: string, first: SetupInput): Promise<{ person: Person; room: Room }> {
    // Set before the first await: of two that come at once with the right token, one finds the door closed.
    if (this.#running || !isSameToken(token, this.token)) throw new Refusal("SETUP_CLOSED");
    this.#running = true;
    try {
      if (!(await this.isNeeded())) throw new Refusal("SETUP_CLOSED");
      const account = unwrapAccount(await this.#context.accounts.create(toAdministrator(first)));
      const actor: Actor = { ...account, session: null };
      const room = await createRoom(this.#context, actor, { title: first.room });
      return { person: toPerson(account), room };
    } finally {
      this.#running = false;
    }
  }
}

/**
 * The first administrator from the configuration: made while nobody has an account, and never again, so that a password
 * changed since then stays changed.
 *
 * @returns the new account, or undefined where there was somebody already.
 */
export async function ensureFirstAdministrator(
  context: Pick<Context, "accounts">,
  first: { readonly username: string; readonly password: string },
): Promise<Person | undefined> {
  if ((await context.accounts.count()) > 0) return undefined;
  const made = await context.accounts.create(toAdministrator(first));
  // Another server that was started at the same moment was first.
  if (made === "taken") return undefined;
  return toPerson(unwrapAccount(made));
}

function toAdministrator({ username, password, email }: Omit<SetupInput, "room">): NewAccount {
  return { username, password, email, staff: true, superuser: true };
}

/** In the same time for every wrong token, whatever its length. */
function isSameToken(given: string, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
