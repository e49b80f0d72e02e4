import { APIError, betterAuth } from "better-auth";
import { username } from "better-auth/plugins/username";
import { uuidv7 } from "uuidv7";
import type { AccountStore } from "../store/people/account-store.ts";
import { usernameKey } from "../store/people/username-key.ts";
import type { Passwords } from "./passwords.ts";
import { COOKIE_NAME, SESSION_SECONDS } from "./session-cookie.ts";

/** Stored characters of the User-Agent header, enough to tell devices apart. */
const MAX_USER_AGENT_CHARS = 300;

export interface AuthLibraryOptions {
  readonly store: AccountStore;
  readonly passwords: Passwords;
  readonly secret: string;
  /** True if browsers reach the server over https only. */
  readonly secure: boolean;
}

/**
 * Sets up the accounts library for usernames and our database. It handles sign-in, sign-out and the cookie. Its other
 * features (sign-up, email, changing users over HTTP) cannot be reached, because `AuthRoutes` forwards two of its routes.
 *
 * @returns its fetch handler, which throws database errors instead of hiding them in a response.
 */
export function openAuthLibrary({
  store,
  passwords,
  secret,
  secure,
}: AuthLibraryOptions): (request: Request) => Promise<Response> {
  const auth = betterAuth({
    // Only used for paths; the library's origin check is off, see below.
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
              return { data: { ...session, userAgent: session.userAgent?.slice(0, MAX_USER_AGENT_CHARS) ?? null } };
            }
            // The same error as for a wrong password, so that nothing about the account is disclosed.
            throw new APIError("UNAUTHORIZED", { code: "INVALID_USERNAME_OR_PASSWORD" });
          },
        },
      },
    },
    advanced: {
      database: { generateId: () => uuidv7() },
      // The cookie's `secure` attribute is set below instead: `useSecureCookies` would add a prefix to the name.
      useSecureCookies: false,
      cookies: {
        session_token: { name: COOKIE_NAME, attributes: { secure, httpOnly: true, sameSite: "lax", path: "/" } },
      },
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
  return (request) => auth.handler(request);
}
