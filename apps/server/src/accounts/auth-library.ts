import { APIError, betterAuth } from "better-auth";
import { username } from "better-auth/plugins/username";
import { uuidv7 } from "uuidv7";
import type { AccountStore } from "../store/people/account-store.ts";
import { usernameKey } from "../store/people/username-key.ts";
import type { Passwords } from "./passwords.ts";
import { COOKIE_NAME, SESSION_SECONDS } from "./session-cookie.ts";

/** Kept of what a browser calls itself: enough to tell one's devices apart. */
const MAX_USER_AGENT_CHARS = 300;

export interface AuthLibraryOptions {
  readonly store: AccountStore;
  readonly passwords: Passwords;
  readonly secret: string;
  /** Whether browsers reach the server by https alone. */
  readonly secure: boolean;
}

/**
 * The accounts library, set up for usernames, our tables and our threads. It signs in and out and sets the cookie; what it
 * would do besides (sign-up, mail, changing users over HTTP) nobody reaches: `AuthRoutes` hands on two of its routes.
 *
 * @returns its fetch handler, which throws what our database threw, instead of an answer that hides it.
 */
export function openAuthLibrary({
  store,
  passwords,
  secret,
  secure,
}: AuthLibraryOptions): (request: Request) => Promise<Response> {
  const auth = betterAuth({
    // Only paths are taken from it: the library's own origin is never compared, see below.
    baseURL: "http://localhost",
    basePath: "/api/auth",
    secret,
    database: { dialect: store.dialect, type: "sqlite" },
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
        // New names are checked by the schemas of the doors; whatever is tried at the door is only compared.
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
              return { data: { ...session, userAgent: session.userAgent?.slice(0, MAX_USER_AGENT_CHARS) ?? null } };
            }
            // Told like a wrong password: whoever is not let in learns nothing about the account.
            throw new APIError("UNAUTHORIZED", { code: "INVALID_USERNAME_OR_PASSWORD" });
          },
        },
      },
    },
    advanced: {
      database: { generateId: () => uuidv7() },
      // By its own attribute instead: with `useSecureCookies` the name would get a prefix.
      useSecureCookies: false,
      cookies: {
        session_token: { name: COOKIE_NAME, attributes: { secure, httpOnly: true, sameSite: "lax", path: "/" } },
      },
      // The HTTP door checks the origin of every request that changes something, by ALLOWED_ORIGINS and the Host header.
      disableOriginCheck: true,
      disableCSRFCheck: true,
      // Whoever calls `handle` writes this header itself. Whole IPv6 addresses: people look their own sessions up by them.
      ipAddress: { ipAddressHeaders: ["x-forwarded-for"], ipv6Subnet: 128 },
    },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
    onAPIError: { throw: true },
  });
  return (request) => auth.handler(request);
}
