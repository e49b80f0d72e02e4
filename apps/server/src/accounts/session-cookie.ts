import { createHmac, timingSafeEqual } from "node:crypto";

export const COOKIE_NAME = "sessionid";
/** Seconds that a session lives after it was last used. */
export const SESSION_SECONDS = 30 * 24 * 60 * 60;

/** Tokens are 32 characters of the library's alphabet; anything else need not be looked up. */
const TOKEN_FORMAT = /^[A-Za-z0-9]{32}$/;

/** The session's token of a `Cookie` header, signed as the library signs it: `<token>.<base64 of HMAC-SHA256>`. */
export class SessionCookie {
  readonly #secret: string;
  readonly #attributes: string;

  constructor(secret: string, secure: boolean) {
    this.#secret = secret;
    const parts = [`Max-Age=${SESSION_SECONDS}`, "Path=/", "HttpOnly", ...(secure ? ["Secure"] : []), "SameSite=Lax"];
    this.#attributes = parts.join("; ");
  }

  /** The raw value, not yet believed; the first where there are several, as the library does it. */
  readValue(toCookieHeader: string): string | undefined {
    for (const part of toCookieHeader.split(";")) {
      const at = part.indexOf("=");
      if (at < 0 || part.slice(0, at).trim() !== COOKIE_NAME) continue;
      return part.slice(at + 1).trim();
    }
    return undefined;
  }

  /** Undefined: the signature is not ours. */
  verify(value: string): string | undefined {
    const signed = decode(value);
    const at = signed?.lastIndexOf(".") ?? -1;
    if (signed === undefined || at < 0) return undefined;
    const token = signed.slice(0, at);
    const expected = Buffer.from(this.#sign(token));
    const came = Buffer.from(signed.slice(at + 1));
    return expected.length === came.length && timingSafeEqual(expected, came) ? token : undefined;
  }

  /** A `Set-Cookie` value that lets the browser keep the session for another 30 days. */
  toSetCookie(token: string): string {
    const value = encodeURIComponent(`${token}.${this.#sign(token)}`);
    return `${COOKIE_NAME}=${value}; ${this.#attributes}`;
  }

  /** The `Cookie` header that a browser would send for this token. */
  header(token: string): string {
    return `${COOKIE_NAME}=${encodeURIComponent(`${token}.${this.#sign(token)}`)}`;
  }

  #sign(token: string): string {
    return createHmac("sha256", this.#secret).update(token).digest("base64");
  }
}

export function looksLikeToken(text: string): boolean {
  return TOKEN_FORMAT.test(text);
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value);
  } catch {
    return undefined;
  }
}
