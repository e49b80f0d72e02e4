import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const DEVICE_COOKIE_NAME = "multichat_device";
const MAX_AGE_SECONDS = 365 * 24 * 60 * 60;
/** Accounts that one browser is remembered for. */
const MAX_ACCOUNTS = 5;
const FORMAT = /^(?<device>[A-Za-z0-9_-]{22})(?:\.[A-Za-z0-9_-]{22}){1,5}$/;

/**
 * The cookie by which a browser is recognized on which an account has signed in before: the device's random id, and a
 * signature for each account. It does not sign anybody in. Attempts from a device of the account are counted apart, so that
 * nobody who guesses passwords elsewhere can lock its owner out.
 */
export class DeviceCookie {
  readonly #secret: string;
  readonly #attributes: string;

  /** @param path The path below which browsers send the cookie. */
  constructor(secret: string, { secure, path }: { readonly secure: boolean; readonly path: string }) {
    this.#secret = secret;
    const parts = [
      `Max-Age=${MAX_AGE_SECONDS}`,
      `Path=${path}`,
      "HttpOnly",
      ...(secure ? ["Secure"] : []),
      "SameSite=Lax",
    ];
    this.#attributes = parts.join("; ");
  }

  /** Returns the id of the device of a `Cookie` header if the account has signed in on it; null otherwise. */
  findDevice(cookie: string | undefined, user: string): string | null {
    const { device, signatures } = parse(cookie);
    if (device === undefined) return null;
    const expected = Buffer.from(this.#sign(device, user));
    return signatures.some((signature) => timingSafeEqual(Buffer.from(signature), expected)) ? device : null;
  }

  /** Returns the `Set-Cookie` value after a sign-in of the account. */
  toSetCookie(cookie: string | undefined, user: string): string {
    const { device = randomBytes(16).toString("base64url"), signatures } = parse(cookie);
    const own = this.#sign(device, user);
    const others = signatures.filter((signature) => signature !== own).slice(0, MAX_ACCOUNTS - 1);
    return `${DEVICE_COOKIE_NAME}=${[device, own, ...others].join(".")}; ${this.#attributes}`;
  }

  #sign(device: string, user: string): string {
    return createHmac("sha256", this.#secret).update(`device ${device} ${user}`).digest("base64url").slice(0, 22);
  }
}

/** Returns the first well-formed cookie of a device in a `Cookie` header, as `name=value`. */
export function readDeviceCookie(cookie: string | undefined): string | undefined {
  const { device, signatures } = parse(cookie);
  return device === undefined ? undefined : `${DEVICE_COOKIE_NAME}=${[device, ...signatures].join(".")}`;
}

function parse(cookie: string | undefined): { device?: string; signatures: readonly string[] } {
  for (const part of cookie?.split(";") ?? []) {
    const [name, value = ""] = part.trim().split("=", 2);
    if (name !== DEVICE_COOKIE_NAME || !FORMAT.test(value)) continue;
    const [device = "", ...signatures] = value.split(".");
    return { device, signatures };
  }
  return { signatures: [] };
}
