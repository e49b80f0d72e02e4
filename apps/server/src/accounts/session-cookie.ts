import { createHmac, timingSafeEqual } from "node:crypto";

export const COOKIE_NAME = "sessionid";
/** The lifetime of a session after its last use. */
export const SESSION_SECONDS = 30 * 24 * 60 * 60;

/** The library's tokens; anything else is rejected without a lookup. */
const TOKEN_FORMAT = /^[A-Za-z0-9]{32}$/;

/** Reads and writes the session cookie, signed like the library's: `<token>.<base64 of HMAC-SHA256>`. */
export class SessionCookie {
  readonly #secret: string;
  readonly #attributes: string;

  /** @param path The path below which browsers send the cookie. */
  constructor(secret: string, { secure, path }: { readonly secure: boolean; readonly path: string }) {
    this.#secret = secret;
    const parts = [
      `Max-Age=${SESSION_SECONDS}`,
      `Path=${path}`,
      "HttpOnly",
      ...(secure ? ["Secure"] : []),
      "SameSite=Lax",
    ];
    this.#attributes = parts.join("; ");
  }

  /** Returns the raw, unverified value; the first one if there are several, like the library. */
  readValue(toCookieHeader: string): string | undefined {
    for (const part of toCookieHeader.split(";")) {
      const at = part.indexOf("=");
      if (at < 0 || part.slice(0, at).trim() !== COOKIE_NAME) continue;
      return part.slice(at + 1).trim();
    }
    return undefined;
  }

  /** Returns the token of a value, or undefined if its signature is invalid. */
  verify(value: string): string | undefined {
    const signed = decode(value);
    const at = signed?.lastIndexOf(".") ?? -1;
    if (signed === undefined || at < 0) return undefined;
    const token = signed.slice(0, at);
    const expected = Buffer.from(this.#sign(token));
    const actual = Buffer.from(signed.slice(at + 1));
    return expected.length === actual.length && timingSafeEqual(expected, actual) ? token : undefined;
  }

  /** Returns a `Set-Cookie` value that extends the cookie by 30 days. */
  toSetCookie(token: string): string {
    const value = encodeURIComponent(`${token}.${this.#sign(token)}`);
    return `${COOKIE_NAME}=${value}; ${this.#attributes}`;
  }

  /** Returns a `Set-Cookie` value that removes the cookie. */
  toClearingCookie(): string {
    return `${COOKIE_NAME}=; ${this.#attributes.replace(/^Max-Age=\d+/, "Max-Age=0")}`;
  }

  /** Returns the `Cookie` header that a browser sends for this token. */
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
