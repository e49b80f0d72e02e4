import { randomBytes } from "node:crypto";
import { uuidv7 } from "uuidv7";
import type { AccountStore } from "../store/people/account-store.ts";
import type {
  AcceptedInvitation,
  InvitedPerson,
  ListedInvitation,
  NewInvitation,
  StoredInvitation,
} from "../store/people/invitation.ts";
import type { PersonRefusal } from "../store/people/person.ts";
import { hashSessionToken } from "../store/people/session-token.ts";
import type { AuditSource, StaleChange } from "../store/store.ts";
import type { Passwords } from "./passwords.ts";
import { placeholderEmail } from "./placeholder-email.ts";

/** Long enough for a weekend of the person who gets it, short for a mailbox that someone else reads later. */
const RESET_LINK_LIFETIME_MS = 24 * 60 * 60_000;

export interface InvitedAccount {
  /** The secret of the invitation. */
  readonly token: string;
  readonly username: string;
  readonly password: string;
  readonly email?: string | undefined;
}

/** The links by which people get into accounts. Their secrets are stored hashed, so each is known only to who has the link. */
export class AccountLinks {
  readonly #store: AccountStore;
  readonly #passwords: Passwords;

  constructor({ store, passwords }: { readonly store: AccountStore; readonly passwords: Passwords }) {
    this.#store = store;
    this.#passwords = passwords;
  }

  /** Returns the secret of the link; undefined where there are too many that people can still use. */
  async createInvitation(
    invitation: Omit<NewInvitation, "id" | "tokenHash">,
    by: AuditSource,
  ): Promise<{ readonly id: string; readonly token: string } | undefined> {
    const [id, token] = [uuidv7(), newToken()];
    const created = await this.#store.createInvitation({ ...invitation, id, tokenHash: hashSessionToken(token), by });
    return created ? { id, token } : undefined;
  }

  listInvitations(): Promise<readonly ListedInvitation[]> {
    return this.#store.listInvitations();
  }

  getInvitation(id: string): Promise<StoredInvitation | undefined> {
    return this.#store.getInvitation({ id });
  }

  findInvitation(token: string): Promise<StoredInvitation | undefined> {
    return this.#store.findInvitation({ tokenHash: hashSessionToken(token) });
  }

  revokeInvitation(id: string, by: AuditSource): Promise<void> {
    return this.#store.revokeInvitation({ id, by });
  }

  async acceptInvitation(
    { token, username, password, email }: InvitedAccount,
    rooms: InvitedPerson["rooms"],
    by: AuditSource,
  ): Promise<AcceptedInvitation | PersonRefusal | "closed" | StaleChange> {
    const id = uuidv7();
    return this.#store.acceptInvitation({
      tokenHash: hashSessionToken(token),
      person: {
        id,
        username,
        email: email?.toLowerCase() ?? placeholderEmail(id),
        password: await this.#passwords.hash(password),
      },
      rooms,
      by,
    });
  }

  /** Ends an earlier link of the account. */
  async createResetLink(
    user: string,
    by: AuditSource,
    { expiresAt = Date.now() + RESET_LINK_LIFETIME_MS }: { readonly expiresAt?: number } = {},
  ): Promise<{ readonly token: string; readonly expiresAt: number }> {
    const token = newToken();
    await this.#store.createResetLink({ user, tokenHash: hashSessionToken(token), expiresAt, by });
    return { token, expiresAt };
  }

  findResetLink(token: string): Promise<{ readonly user: string; readonly username: string } | undefined> {
    return this.#store.findResetLink({ tokenHash: hashSessionToken(token), now: Date.now() });
  }

  /** Returns false where the link does not work any more. */
  async resetPassword(token: string, password: string, by: AuditSource): Promise<boolean> {
    const tokenHash = hashSessionToken(token);
    return this.#store.resetPassword({ tokenHash, password: await this.#passwords.hash(password), by });
  }
}

/** 192 random bits, which nobody can guess. */
function newToken(): string {
  return randomBytes(24).toString("base64url");
}
