import { randomBytes } from "node:crypto";
import type { Limits, Session } from "@multichat/protocol";
import { makeSchemas, type Schemas } from "@multichat/protocol/schemas";
import { uuidv7 } from "uuidv7";
import type { AccountStore, ActiveSession, PersonRow } from "../store/people/account-store.ts";
import type { StoreChange } from "../store/store.ts";
import type {
  Account,
  AccountChange,
  AccountChanges,
  AccountRefusal,
  Accounts,
  Actor,
  NewAccount,
} from "./accounts.ts";
import { AuthRoutes } from "./auth-routes.ts";
import { Directory } from "./directory.ts";
import { KnownSessions } from "./known-sessions.ts";
import { openLibrary } from "./library.ts";
import { Passwords } from "./passwords.ts";
import { SeenSessions } from "./seen-sessions.ts";
import { looksLikeToken, SessionCookie } from "./session-cookie.ts";

export interface AccountsOptions {
  readonly store: AccountStore;
  readonly config: {
    /** Where browsers reach the server; with https the cookie is only sent over https. */
    readonly publicUrl: string | null;
    readonly limits: Limits;
  };
  readonly logger: { error(facts: object, message: string): void };
  /** What cookies are signed with. @default one that is made once and kept in the database */
  readonly secret?: string;
}

export async function openAccounts(options: AccountsOptions): Promise<Accounts> {
  const secret =
    options.secret ?? (await options.store.getOrCreateSecret("accounts", randomBytes(32).toString("base64url")));
  return new StoredAccounts(options, secret);
}

/** The library asks for an address; a person need not have one. Never shown, and no mail can reach it. */
const NO_EMAIL = "@nobody.invalid";
/** Look-ups that are repeated because something changed meanwhile, before the last answer is given as it is. */
const LOOK_UPS = 3;

class StoredAccounts implements Accounts {
  readonly #store: AccountStore;
  readonly #passwords = new Passwords();
  readonly #cookie: SessionCookie;
  readonly #known = new KnownSessions();
  readonly #seen: SeenSessions;
  readonly #directory = new Directory(() => this.list());
  readonly #routes: AuthRoutes;
  readonly #listeners = new Set<(change: AccountChange) => void>();
  /** Accounts whose deactivation is under way: the ends of their sessions are told by it. */
  readonly #deactivating = new Set<string>();
  readonly #unfollow: () => void;

  constructor({ store, config, logger }: AccountsOptions, secret: string) {
    const schemas: Schemas = makeSchemas(config.limits);
    const secure = config.publicUrl?.startsWith("https://") ?? false;
    const onError = (err: unknown) => logger.error({ err }, "accounts: something failed behind the scenes");
    this.#store = store;
    this.#cookie = new SessionCookie(secret, secure);
    this.#seen = new SeenSessions(store, onError);
    this.#routes = new AuthRoutes({
      library: openLibrary({ store, passwords: this.#passwords, secret, secure }),
      store,
      passwords: this.#passwords,
      schemas: schemas.http,
      actorOf: (request) => this.actorOf(credentialsOf(request)),
      find: (id) => this.find(id),
    });
    this.#unfollow = store.onChange((change, own) => this.#changed(change, own));
  }

  /** What it costs stands in, and is measured by, `test/accounts/session-lookup-cost.test.ts`. */
  async actorOf({ cookie, bearer }: { cookie?: string | undefined; bearer?: string | undefined }) {
    const credential = bearer ?? (cookie === undefined ? undefined : this.#cookie.valueIn(cookie));
    if (credential === undefined || credential === "") return undefined;
    // The same text means another thing in a cookie, where it must be signed.
    const isToken = bearer !== undefined;
    const key = isToken ? `token ${credential}` : `cookie ${credential}`;
    const session = this.#known.get(key) ?? (await this.#lookUp(key, credential, isToken));
    if (session === undefined) return undefined;
    this.#seen.note(session);
    return toActor(session);
  }

  async #lookUp(key: string, credential: string, isToken: boolean): Promise<ActiveSession | undefined> {
    const token = isToken ? credential : this.#cookie.tokenOf(credential);
    if (token === undefined || !looksLikeToken(token)) return undefined;
    let session: ActiveSession | undefined;
    for (let attempt = 0; attempt < LOOK_UPS; attempt += 1) {
      const { generation } = this.#known;
      session = await this.#store.findSession(token);
      if (session === undefined) return undefined;
      // A revocation that was committed while we read must not be forgotten over what we read before it.
      if (generation === this.#known.generation) {
        this.#known.remember(key, session);
        return session;
      }
    }
    return session;
  }

  handle(request: Request): Promise<Response> {
    return this.#routes.handle(request);
  }

  renewedCookie(cookie: string): string | undefined {
    const value = this.#cookie.valueIn(cookie);
    const token = value === undefined ? undefined : this.#cookie.tokenOf(value);
    return token === undefined ? undefined : this.#cookie.set(token);
  }

  count(): Promise<number> {
    return this.#store.count();
  }

  async list(): Promise<readonly Account[]> {
    return (await this.#store.list()).map(toAccount);
  }

  async find(idOrUsername: string): Promise<Account | undefined> {
    const row = await this.#store.find(idOrUsername);
    return row && toAccount(row);
  }

  begins(prefix: string, limit: number, fits: (account: Account) => boolean): Promise<readonly Account[]> {
    return this.#directory.begins(prefix, limit, fits);
  }

  async create({ username, password, email, staff, superuser }: NewAccount): Promise<Account | AccountRefusal> {
    const id = uuidv7();
    const created = await this.#store.create({
      id,
      username,
      email: email?.toLowerCase() ?? `${id}${NO_EMAIL}`,
      password: await this.#passwords.hash(password),
      staff: staff ?? false,
      superuser: superuser ?? false,
    });
    this.#directory.forget();
    return typeof created === "string" ? created : toAccount(created);
  }

  async change(id: string, { username, staff, superuser, active, password }: AccountChanges) {
    const hashed = password === undefined ? undefined : await this.#passwords.hash(password);
    if (active === false) this.#deactivating.add(id);
    try {
      const changed = await this.#store.change(id, {
        ...(username === undefined ? {} : { username }),
        ...(staff === undefined ? {} : { staff }),
        ...(superuser === undefined ? {} : { superuser }),
        ...(active === undefined ? {} : { active }),
        ...(hashed === undefined ? {} : { password: hashed }),
      });
      if (typeof changed === "string") return changed;
      const account = toAccount(changed);
      this.#tell({ kind: "account", account });
      return account;
    } finally {
      this.#deactivating.delete(id);
    }
  }

  async sessions(user: string, current: string | null): Promise<readonly Session[]> {
    const sessions = await this.#store.listSessions(user);
    return sessions.map((session) => ({ ...session, current: session.id === current }));
  }

  revoke(user: string, session: string): Promise<boolean> {
    return this.#store.endSession(user, session);
  }

  async revokeAll(user: string, keep?: string): Promise<void> {
    await this.#store.endSessions(user, keep ?? null);
  }

  onChange(listener: (change: AccountChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  forget(user: string): void {
    this.#known.forget(user);
  }

  async close(): Promise<void> {
    this.#unfollow();
    await this.#seen.close();
  }

  /** Before the promise of whoever ended a session resolves, and within 250 ms of what another process committed. */
  #changed(change: StoreChange, own: boolean): void {
    if (change.kind !== "user" && change.kind !== "session") return;
    if (change.kind === "user") this.#directory.forget();
    this.#known.forget(change.user);
    if (!own || change.kind !== "session" || this.#deactivating.has(change.user)) return;
    this.#tell({ kind: "session", user: change.user, session: change.session });
  }

  #tell(change: AccountChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function toActor({ id: session, user: id, username, staff, superuser }: ActiveSession): Actor {
  return { id, username, staff, superuser, session };
}

function toAccount({ id, username, email, staff, superuser, active, createdAt }: PersonRow): Account {
  return {
    id,
    username,
    email: email.endsWith(NO_EMAIL) ? null : email,
    staff,
    superuser,
    active,
    createdAt,
  };
}

function credentialsOf({ headers }: Request): { cookie?: string | undefined; bearer?: string | undefined } {
  const bearer = /^Bearer +(?<token>\S+)$/i.exec(headers.get("authorization") ?? "")?.groups?.token;
  return bearer === undefined ? { cookie: headers.get("cookie") ?? undefined } : { bearer };
}
