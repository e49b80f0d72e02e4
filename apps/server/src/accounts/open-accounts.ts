import { randomBytes } from "node:crypto";
import type { Limits, Session } from "@multichat/protocol";
import { makeSchemas, type Schemas } from "@multichat/protocol/schemas";
import { uuidv7 } from "uuidv7";
import type { AccountStore, ActiveSession, PersonRow } from "../store/people/account-store.ts";
import { hashSessionToken } from "../store/people/session-token.ts";
import type { AuditSource, ChangeSource, StoreChange } from "../store/store.ts";
import { AccountLinks } from "./account-links.ts";
import type {
  Account,
  AccountChange,
  AccountPatch,
  AccountRefusal,
  Accounts,
  Actor,
  NewAccount,
  SignInOrigin,
} from "./accounts.ts";
import { auditSource } from "./audit-source.ts";
import type { LibrarySignIn } from "./auth-library.ts";
import { AuthRoutes } from "./auth-routes.ts";
import { DeviceCookie } from "./device-cookie.ts";
import { loadOnce } from "./load-once.ts";
import { Passwords } from "./passwords.ts";
import { isPlaceholderEmail, placeholderEmail } from "./placeholder-email.ts";
import { SessionActivityWriter } from "./session-activity-writer.ts";
import { SessionCache } from "./session-cache.ts";
import { looksLikeToken, SessionCookie } from "./session-cookie.ts";
import { UsernameIndex } from "./username-index.ts";

export interface AccountsOptions {
  readonly store: AccountStore;
  readonly config: {
    /** The public URL: with https cookies are only sent over https, and with a path only below it. */
    readonly publicUrl: string | null;
    readonly limits: Limits;
  };
  readonly logger: { error(facts: object, message: string): void };
  /** Signs cookies. @default a secret that is created once and stored in the database */
  readonly secret?: string;
}

export async function openAccounts(options: AccountsOptions): Promise<Accounts> {
  const secret =
    options.secret ??
    (await options.store.getOrCreateSecret({ name: "accounts", offer: randomBytes(32).toString("base64url") }));
  return new StoredAccounts(options, secret);
}

/** A `Cookie` header or a bearer token. */
interface SentCredentials {
  readonly cookie?: string | undefined;
  readonly bearer?: string | undefined;
}

/** Lookups of a session that keeps changing, before the last result is used as it is. */
const MAX_LOOKUPS = 3;

class StoredAccounts implements Accounts {
  readonly #store: AccountStore;
  readonly #passwords = new Passwords();
  readonly #cookie: SessionCookie;
  readonly #deviceCookie: DeviceCookie;
  readonly #sessionCache = new SessionCache();
  readonly #activityWriter: SessionActivityWriter;
  readonly #usernames = new UsernameIndex(() => this.list());
  readonly #routes: AuthRoutes;
  readonly #listeners = new Set<(change: AccountChange) => void>();
  /** Accounts being deactivated, whose ended sessions are not notified separately. */
  readonly #deactivating = new Set<string>();
  readonly #unfollow: () => void;
  readonly links: AccountLinks;

  constructor({ store, config, logger }: AccountsOptions, secret: string) {
    const schemas: Schemas = makeSchemas(config.limits);
    const url = config.publicUrl === null ? undefined : new URL(config.publicUrl);
    const cookie = { secure: url?.protocol === "https:", path: url?.pathname ?? "/" };
    const onError = (err: unknown) => logger.error({ err }, "failed to update session records");
    this.#store = store;
    this.links = new AccountLinks({ store, passwords: this.#passwords });
    this.#cookie = new SessionCookie(secret, cookie);
    this.#deviceCookie = new DeviceCookie(secret, cookie);
    this.#activityWriter = new SessionActivityWriter(store, onError);
    this.#routes = new AuthRoutes({
      library: this.#openLibraryLater(secret),
      sessionCookie: this.#cookie,
      deviceCookie: this.#deviceCookie,
      store,
      passwords: this.#passwords,
      schemas: schemas.http,
      authenticate: (request) => this.authenticate(readCredentials(request)),
      find: (id) => this.find(id),
    });
    this.#unfollow = store.onChange((change, source) => this.#onChange(change, source));
  }

  /** `test/accounts/session-lookup-cost.test.ts` measures its cost. */
  async authenticate(credentials: SentCredentials): Promise<Actor | undefined> {
    const credential = this.#readCredential(credentials);
    if (credential === undefined) return undefined;
    const { key, text, isToken } = credential;
    const session =
      this.#sessionCache.get(key) ?? (await this.#lookUpSession(key, isToken ? text : this.#cookie.verify(text)));
    return session && this.#toSeenActor(session);
  }

  authenticateCached(credentials: SentCredentials): Actor | undefined {
    const credential = this.#readCredential(credentials);
    const session = credential && this.#sessionCache.get(credential.key);
    return session && this.#toSeenActor(session);
  }

  #readCredential({ cookie, bearer }: SentCredentials) {
    const text = bearer ?? (cookie === undefined ? undefined : this.#cookie.readValue(cookie));
    if (text === undefined || text === "") return undefined;
    // The same string is a different credential in a cookie, where it must be signed.
    const isToken = bearer !== undefined;
    return { key: isToken ? `token ${text}` : `cookie ${text}`, text, isToken };
  }

  #toSeenActor(session: ActiveSession): Actor {
    this.#activityWriter.record(session);
    return toActor(session);
  }

  async #lookUpSession(key: string, token: string | undefined): Promise<ActiveSession | undefined> {
    if (token === undefined || !looksLikeToken(token)) return undefined;
    const tokenHash = hashSessionToken(token);
    let session: ActiveSession | undefined;
    for (let attempt = 0; attempt < MAX_LOOKUPS; attempt += 1) {
      const { generation } = this.#sessionCache;
      session = await this.#store.findSession({ tokenHash });
      if (session === undefined) return undefined;
      // A revocation during the read must not be overwritten by the older result.
      if (generation === this.#sessionCache.generation) {
        this.#sessionCache.set(key, session);
        return session;
      }
    }
    return session;
  }

  /** Loads the accounts library for the first sign-in: it takes a tenth of the memory of a server that nobody has signed in to. */
  #openLibraryLater(secret: string): (request: Request) => Promise<LibrarySignIn> {
    const library = loadOnce(async () => {
      const { openAuthLibrary } = await import("./auth-library.ts");
      return openAuthLibrary({ store: this.#store, passwords: this.#passwords, secret });
    });
    return async (request) => {
      const signIn = await library();
      return signIn(request);
    };
  }

  handle(request: Request): Promise<Response> {
    return this.#routes.handle(request);
  }

  renewedCookie(cookie: string): string | undefined {
    const value = this.#cookie.readValue(cookie);
    const token = value === undefined ? undefined : this.#cookie.verify(value);
    return token === undefined ? undefined : this.#cookie.toSetCookie(token);
  }

  async findSignInOrigin(username: string, cookie: string | undefined): Promise<SignInOrigin> {
    const account = await this.#store.find({ idOrUsername: username });
    // An unknown name takes the same steps, so that the response time reveals nothing about it.
    const user = account?.id ?? "";
    const sessions = await this.#store.listSessions({ user });
    return {
      device: this.#deviceCookie.findDevice(cookie, user),
      addresses: sessions.flatMap(({ address }) => address ?? []),
    };
  }

  async confirm(actor: Actor, password: string): Promise<boolean> {
    const { id, session } = actor;
    const hash = await this.#store.findPasswordHash({ id });
    if (hash === undefined || !(await this.#passwords.verify(hash, password))) return false;
    if (session !== null) await this.#store.confirmSession({ user: id, session, by: auditSource(actor) });
    return true;
  }

  count(): Promise<number> {
    return this.#store.count();
  }

  async list(): Promise<readonly Account[]> {
    return (await this.#store.list()).map(toAccount);
  }

  async find(idOrUsername: string): Promise<Account | undefined> {
    const row = await this.#store.find({ idOrUsername });
    return row && toAccount(row);
  }

  findByUsernamePrefix(
    prefix: string,
    limit: number,
    matches: (account: Account) => boolean,
  ): Promise<readonly Account[]> {
    return this.#usernames.findByPrefix(prefix, limit, matches);
  }

  async create(account: NewAccount, by?: AuditSource): Promise<Account | AccountRefusal> {
    const { username, password, email, staff, superuser, passwordChangeRequired } = account;
    const id = uuidv7();
    const created = await this.#store.create({
      id,
      username,
      email: email?.toLowerCase() ?? placeholderEmail(id),
      password: await this.#passwords.hash(password),
      staff: staff ?? false,
      superuser: superuser ?? false,
      passwordChangeRequired: passwordChangeRequired ?? false,
      by,
    });
    this.#usernames.invalidate();
    return typeof created === "string" ? created : toAccount(created);
  }

  async change(id: string, changes: AccountPatch, by?: AuditSource) {
    const { username, staff, superuser, active, password, passwordChangeRequired } = changes;
    const hashed = password === undefined ? undefined : await this.#passwords.hash(password);
    if (active === false) this.#deactivating.add(id);
    try {
      const changed = await this.#store.change({
        id,
        changes: {
          ...(username === undefined ? {} : { username }),
          ...(staff === undefined ? {} : { staff }),
          ...(superuser === undefined ? {} : { superuser }),
          ...(active === undefined ? {} : { active }),
          ...(hashed === undefined ? {} : { password: hashed }),
          ...(passwordChangeRequired === undefined ? {} : { passwordChangeRequired }),
        },
        by,
      });
      if (typeof changed === "string") return changed;
      const account = toAccount(changed);
      this.#notify({ kind: "account", account });
      return account;
    } finally {
      this.#deactivating.delete(id);
    }
  }

  async sessions(user: string, current: string | null): Promise<readonly Session[]> {
    const sessions = await this.#store.listSessions({ user });
    return sessions.map((session) => ({ ...session, current: session.id === current }));
  }

  revoke(user: string, session: string, by?: AuditSource): Promise<boolean> {
    return this.#store.endSession({ user, session, by });
  }

  async revokeAll(user: string, keep?: string, by?: AuditSource): Promise<void> {
    await this.#store.endSessions({ user, keep: keep ?? null, by });
  }

  onChange(listener: (change: AccountChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  clearCache(user: string): void {
    this.#sessionCache.deleteUser(user);
  }

  async close(): Promise<void> {
    this.#unfollow();
    this.#sessionCache.close();
    await this.#activityWriter.close();
  }

  /** Runs before the call that ended a session resolves, and within 250 ms of a commit by another process. */
  #onChange(change: StoreChange, { isOwn }: ChangeSource): void {
    if (change.kind !== "user" && change.kind !== "session") return;
    if (change.kind === "user") this.#usernames.invalidate();
    this.#sessionCache.deleteUser(change.user);
    if (!isOwn || change.kind !== "session" || this.#deactivating.has(change.user)) return;
    this.#notify({ kind: "session", user: change.user, session: change.session });
  }

  #notify(change: AccountChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function toActor(active: ActiveSession): Actor {
  const { id: session, user: id, username, staff, superuser, confirmedAt, passwordChangeRequired } = active;
  const actor = { id, username, staff, superuser, session, confirmedAt };
  return passwordChangeRequired ? { ...actor, passwordChangeRequired } : actor;
}

function toAccount(row: PersonRow): Account {
  const { id, username, email, staff, superuser, active, passwordChangeRequired, createdAt } = row;
  return {
    id,
    username,
    email: isPlaceholderEmail(email) ? null : email,
    staff,
    superuser,
    active,
    passwordChangeRequired,
    createdAt,
  };
}

function readCredentials({ headers }: Request): SentCredentials {
  const bearer = /^Bearer +(?<token>\S+)$/i.exec(headers.get("authorization") ?? "")?.groups?.token;
  return bearer === undefined ? { cookie: headers.get("cookie") ?? undefined } : { bearer };
}
