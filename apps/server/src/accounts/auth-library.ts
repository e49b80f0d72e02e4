import { AsyncLocalStorage } from "node:async_hooks";
import { APIError, betterAuth } from "better-auth";
import { username } from "better-auth/plugins/username";
import { uuidv7 } from "uuidv7";
import type { AccountStore } from "../store/people/account-store.ts";
import { hashSessionToken } from "../store/people/session-token.ts";
import { usernameKey } from "../store/people/username-key.ts";
import type { NewAuditEntry } from "../store/store.ts";
import { readOrigin } from "./audit-source.ts";
import type { Passwords } from "./passwords.ts";
import { SESSION_SECONDS } from "./session-cookie.ts";

/** Stored characters of the User-Agent header, enough to tell devices apart. */
const MAX_USER_AGENT_CHARS = 300;

export interface AuthLibraryOptions {
  readonly store: AccountStore;
  readonly passwords: Passwords;
  readonly secret: string;
}

export interface LibrarySignIn {
  readonly response: Response;
  /** The token of the new session, which is stored hashed; undefined where the sign-in failed. */
  readonly token: string | undefined;
}

/**
 * Sets up the accounts library for usernames and our database. It handles the sign-in. Its other features
 * (sign-up, email, changing users over HTTP) cannot be reached, because `AuthRoutes` forwards one of its routes. Sessions are
 * stored with the hash of their token, which the library's own cookie and answer contain too: neither is passed on.
 *
 * @returns a function that signs in, and throws database errors instead of hiding them in a response.
 */
export function openAuthLibrary({
  store,
  passwords,
  secret,
}: AuthLibraryOptions): (request: Request) => Promise<LibrarySignIn> {
  const signIns = new AsyncLocalStorage<SignInProgress>();
  const auditInsert = (table: string): NewAuditEntry | undefined =>
    table === "session" ? toEntry(signIns.getStore()) : undefined;
  const auth = betterAuth({
    // Only used for paths; the library's origin check is off, see below.
    baseURL: "http://localhost",
    basePath: "/api/auth",
    secret,
    database: { dialect: store.openDialect(auditInsert), type: "sqlite" },
    user: {
      additionalFields: {
        staff: { type: "boolean", required: false, defaultValue: false, input: false },
        superuser: { type: "boolean", required: false, defaultValue: false, input: false },
        active: { type: "boolean", required: false, defaultValue: true, input: false },
      },
    },
    session: { expiresIn: SESSION_SECONDS, disableSessionRefresh: true, cookieCache: { enabled: false } },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 1,
      maxPasswordLength: 4096,
      password: {
        hash: (password) => passwords.hash(password),
        verify: ({ hash, password }) => passwords.verify(hash, password),
      },
    },
    plugins: [
      username({
        minUsernameLength: 1,
        maxUsernameLength: 256,
        // The schemas of the API validate new usernames; at sign-in a username is only looked up.
        usernameValidator: () => true,
        usernameNormalization: usernameKey,
      }),
    ],
    databaseHooks: {
      session: {
        create: {
          before: async (session) => {
            const person = await store.find({ idOrUsername: session.userId });
            if (person?.active === true) {
              const signIn = signIns.getStore();
              if (signIn === undefined) throw new Error("expected the session to be created by a sign-in");
              signIn.token = session.token;
              signIn.person = { id: person.id, username: person.username };
              const userAgent = session.userAgent?.slice(0, MAX_USER_AGENT_CHARS) ?? null;
              return { data: { ...session, token: hashSessionToken(session.token), userAgent } };
            }
            // The same error as for a wrong password, so that nothing about the account is disclosed.
            throw new APIError("UNAUTHORIZED", { code: "INVALID_USERNAME_OR_PASSWORD" });
          },
        },
      },
    },
    advanced: {
      // The store's migrations own the schema. The library would compare it at the first sign-in, which takes seconds where
      // a Postgres has many tables.
      database: { generateId: () => uuidv7(), validateSchema: false },
      // The HTTP API checks the origin of every request that changes something, by ALLOWED_ORIGINS and the Host header.
      disableOriginCheck: true,
      disableCSRFCheck: true,
      // The caller of `handle` sets this header. IPv6 addresses are kept whole, so users recognize their own sessions.
      ipAddress: { ipAddressHeaders: ["x-forwarded-for"], ipv6Subnet: 128 },
    },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
    onAPIError: { throw: true },
  });
  return async (request) => {
    const signIn: SignInProgress = { token: undefined, person: undefined, origin: readOrigin(request) };
    const response = await signIns.run(signIn, () => auth.handler(request));
    return { response, token: signIn.token };
  };
}

interface SignInProgress {
  token: string | undefined;
  person: NewAuditEntry["actor"] | undefined;
  readonly origin: Pick<NewAuditEntry, "address" | "request">;
}

/** Returns the entry of a new session, which is added in the transaction that stores the session. */
function toEntry(signIn: SignInProgress | undefined): NewAuditEntry {
  if (signIn?.person === undefined) throw new Error("expected the session to be created by a sign-in");
  const { person, origin } = signIn;
  return {
    action: "sign-in",
    outcome: "success",
    actor: person,
    target: person?.username ?? null,
    ...origin,
    details: {},
  };
}
