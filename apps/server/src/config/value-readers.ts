import { isIP } from "node:net";

/**
 * Parses the text of a variable. Throws `InvalidValue` with what it expected; the caller adds the actual value unless it is
 * secret.
 */
export type Reader<T> = (string: string) => T;

export class InvalidValue extends Error {
  override readonly name = "Unreadable";
}

/** Returns a reader of whole numbers in decimal digits from `min` to `max`. */
export function integer(min: number, max: number): Reader<number> {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) throw new InvalidValue(`a whole number from ${min} to ${max}`);
    return value;
  };
}

const TRUE_WORDS = new Set(["true", "1", "yes", "on"]);
const FALSE_WORDS = new Set(["false", "0", "no", "off"]);

export const boolean: Reader<boolean> = (text) => {
  const word = text.toLowerCase();
  if (TRUE_WORDS.has(word)) return true;
  if (FALSE_WORDS.has(word)) return false;
  throw new InvalidValue("true or false (or 1/0, yes/no, on/off, in any case)");
};

export function oneOf<const T extends string>(words: readonly T[]): Reader<T> {
  return (text) => {
    const found = words.find((word) => word === text.toLowerCase());
    if (found === undefined) throw new InvalidValue(`one of ${words.join(", ")}`);
    return found;
  };
}

export const text: Reader<string> = (given) => given;

export function stringOfLength(min: number, max: number): Reader<string> {
  return (given) => {
    if (given.length < min || given.length > max) throw new InvalidValue(`${min} to ${max} characters`);
    return given;
  };
}

/** Reads a token that a client can send in a header: no other character arrives there as it was entered. */
export function bearerToken(min: number, max: number): Reader<string> {
  return (given) => {
    if (given.length < min || given.length > max || !/^[\x21-\x7e]*$/.test(given)) {
      throw new InvalidValue(`${min} to ${max} characters of ASCII without spaces, because it arrives in a header`);
    }
    return given;
  };
}

const HOST_LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** Reads a host name or an address to listen on. */
export const host: Reader<string> = (given) => {
  const labels = given.split(".");
  // A name that ends in a number would be taken for an address.
  const isName =
    given.length <= 253 && labels.every((label) => HOST_LABEL.test(label)) && !/^\d+$/.test(labels.at(-1) ?? "");
  if (isIP(given) === 0 && !isName) {
    throw new InvalidValue('an IP address or a host name to listen on, such as 127.0.0.1 or "::"');
  }
  return given;
};

/** Reads `scheme://host[:port]`, normalized as browsers send it in `Origin`. */
export const origin: Reader<string> = (given) => {
  const url = URL.parse(given);
  const isBare = url !== null && url.href === `${url.origin}/`;
  // Browsers send neither a wildcard nor the port 0 in an origin, so it would match nothing.
  const canMatch = isBare && !url.host.includes("*") && url.port !== "0";
  if (!canMatch || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new InvalidValue(
      "http:// or https:// with a host and an optional port, without a path, such as https://chat.example.org",
    );
  }
  return url.origin;
};

/** Reads a URI of RFC 9116, or an e-mail address, and returns the URI. */
export const contact: Reader<string> = (given) => {
  const text = /^[^\s:@]+@[^\s:@]+$/.test(given) ? `mailto:${given}` : given;
  const url = URL.parse(text);
  const isContact =
    (url?.protocol === "https:" && url.hostname !== "") ||
    (url?.protocol === "mailto:" && /^[^\s@]+@[^\s@]+$/.test(url.pathname)) ||
    (url?.protocol === "tel:" && /^\+?[\d().-]+$/.test(url.pathname));
  if (!isContact || !/^[\x21-\x7e]*$/.test(text)) throw new InvalidValue("a contact");
  return text;
};

/** First segments of paths that the server answers at its root, also behind a proxy that removes `PUBLIC_URL`'s path. */
const RESERVED_BASES = ["api", "healthz", "readyz", "metrics"];
const BASE_SEGMENT = /^[\p{L}\p{M}\p{N}_~-][\p{L}\p{M}\p{N}._~-]*$/u;
const MAX_BASE_CHARS = 200;

/**
 * Reads `scheme://host[:port][/path]`, with the path percent-encoded and without a slash at the end. Only characters that mean
 * the same to every proxy, cookie and page are accepted in the path.
 */
export const publicUrl: Reader<string> = (given) => {
  const { start, path = "" } = /^(?<start>[a-z]+:\/\/[^/?#\\]*)(?<path>.*)$/is.exec(given)?.groups ?? {};
  const host = URL.canParse(start ?? "") ? origin(start ?? "") : undefined;
  if (host === undefined) {
    throw new InvalidValue(
      "http:// or https:// with a host, an optional port and an optional path, such as https://chat.example.org or https://example.org/chat/",
    );
  }
  if (/[?#]/.test(path)) {
    throw new InvalidValue("a URL without a query and a fragment, such as https://example.org/chat/");
  }
  const segments = path.replace(/^\//, "").replace(/\/$/, "").split("/").map(decodePathSegment);
  if (path === "" || path === "/") return host;
  if (!segments.every((segment) => BASE_SEGMENT.test(segment)) || path.length > MAX_BASE_CHARS) {
    throw new InvalidValue(
      `a path of letters, digits and - . _ ~ between single slashes, of at most ${MAX_BASE_CHARS} characters and without . or .. at the beginning of a segment, such as https://example.org/chat/`,
    );
  }
  if (RESERVED_BASES.includes(segments[0] ?? "")) {
    throw new InvalidValue(
      `a path that does not begin with ${RESERVED_BASES.map((name) => `/${name}`).join(", ")}, which the server answers itself, such as https://example.org/chat/`,
    );
  }
  return `${host}/${segments.map(encodeURIComponent).join("/")}`;
};

function decodePathSegment(segment: string): string {
  try {
    return decodeURIComponent(segment).normalize("NFC");
  } catch {
    return "%";
  }
}

export function listOf<T>(item: Reader<T>, description: string): Reader<readonly T[]> {
  return (given) => {
    const parts = given
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== "");
    // For example a list that a script has put together from unset variables.
    if (given !== "" && parts.length === 0) throw new InvalidValue(`${description}, got a list without any`);
    try {
      return parts.map(item);
    } catch (error) {
      if (error instanceof InvalidValue) throw new InvalidValue(`${description}, separated by commas`);
      throw error;
    }
  };
}

/** The path of a SQLite file, or the URL of a PostgreSQL database. */
export type DatabaseAddress = { readonly file: string } | { readonly url: string };

/**
 * Reads the path of a SQLite file from `file:PATH`, `sqlite:PATH` or `sqlite://…/PATH`, or the URL of a PostgreSQL database. A
 * relative path starts at the working directory.
 */
export const databaseUrl: Reader<DatabaseAddress> = (given) => {
  if (/^postgres(ql)?:/i.test(given)) return { url: postgresUrl(given) };
  const path = /^(?:file|sqlite):(?:\/\/(?=\/))?(?<path>[^?#]+)$/i.exec(given)?.groups?.path;
  if (path === undefined || path.startsWith("//")) {
    throw new InvalidValue(
      "the URL of a SQLite file, such as file:./data/multichat.db or file:/var/lib/multichat/chat.db, or of a PostgreSQL database, such as postgres://USER:PASSWORD@HOST:5432/DATABASE",
    );
  }
  return { file: path };
};

function postgresUrl(given: string): string {
  const url = URL.parse(given);
  if (url === null || url.port === "0" || (url.hostname === "" && !url.searchParams.has("host"))) {
    throw new InvalidValue(
      "postgres://USER:PASSWORD@HOST:PORT/DATABASE, or postgres:///DATABASE?host=/var/run/postgresql for a socket",
    );
  }
  if (url.hash !== "" || !/^\/[^/]+$/.test(url.pathname)) {
    throw new InvalidValue(
      "postgres://HOST:PORT/DATABASE with the name of a database, and / and # in a password as %2F and %23",
    );
  }
  if (![url.username, url.password, url.pathname].every(isPercentEncoded)) {
    throw new InvalidValue("postgres://USER:PASSWORD@HOST:PORT/DATABASE with % in a password as %25");
  }
  return given;
}

export const redisUrl: Reader<string> = (given) => {
  if (/^unix:\/\/\/[^/?#][^?#]*$/.test(given)) return given;
  const url = URL.parse(given);
  if (url === null || !/^rediss?:\/\/./i.test(given) || url.hostname === "" || url.port === "0") {
    throw new InvalidValue("redis://HOST:PORT, rediss://HOST:PORT or unix:///PATH");
  }
  if (url.hash !== "" || !/^\/?\d{0,5}$/.test(url.pathname)) {
    throw new InvalidValue(
      "redis://HOST:PORT/DATABASE with the number of a database, and / and # in a password as %2F and %23",
    );
  }
  if (!isPercentEncoded(url.username) || !isPercentEncoded(url.password)) {
    throw new InvalidValue("redis://USER:PASSWORD@HOST:PORT with % in a password as %25");
  }
  return given;
};

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Reads the prefix of a channel layer's names. */
export const layerPrefix: Reader<string> = (given) => {
  if (!/^[A-Za-z0-9._-]{1,50}$/.test(given)) throw new InvalidValue("1 to 50 letters, digits, -, _ or .");
  return given;
};

const NAMED_NETWORKS = new Set(["loopback", "linklocal", "uniquelocal"]);

const proxyAddress: Reader<string> = (given) => {
  if (NAMED_NETWORKS.has(given)) return given;
  const [address = "", bits, ...rest] = given.split("/");
  const family = isIP(address);
  const width = family === 6 ? 128 : 32;
  const fits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= width);
  // The addresses of connections are compared without a zone.
  if (family === 0 || rest.length > 0 || !fits || address.includes("%")) throw new InvalidValue("an address");
  return given;
};

/** Reads the number of proxies, or the list of their addresses. */
export const trustProxy: Reader<number | readonly string[]> = (given) => {
  const word = given.toLowerCase();
  if (FALSE_WORDS.has(word)) return 0;
  if (TRUE_WORDS.has(word)) return 1;
  if (/^\d$/.test(word)) return Number(word);
  try {
    return listOf(proxyAddress, "")(given);
  } catch {
    throw new InvalidValue(
      "false, true (one proxy), a number of proxies up to 9, or their addresses, networks (10.0.0.0/8) or loopback, linklocal, uniquelocal, separated by commas",
    );
  }
};
