/** What stands in a log line in place of a secret. */
export const CENSOR = "[redacted]";

/** Parts of names whose values are secrets, in lower case and without separators. */
const SECRET_NAME_PARTS = [
  "password",
  "passwd",
  "passphrase",
  "passcode",
  "secret",
  "token",
  "authorization",
  "cookie",
  "apikey",
  "privatekey",
  "accesskey",
  "encryptionkey",
  "signingkey",
  "credential",
  "sessionid",
  "secwebsocketprotocol",
  "jwt",
  "bearer",
];
/** Whole names, which are also parts of harmless ones. */
const SECRET_NAMES: ReadonlySet<string> = new Set(["pwd", "pass", "auth", "sid", "otp", "pin", "signature", "sig"]);

/** Returns whether the value of a field, a header, a cookie or a parameter of this name is a secret. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  return SECRET_NAMES.has(plain) || SECRET_NAME_PARTS.some((part) => plain.includes(part));
}

/** A longer text is cut: a log line is no place for a document, and its cost has to be bounded. */
const MAX_CHARS = 16_384;

/** `Bearer …` and `Basic …`, and the token that a handshake offers as a subprotocol. */
const CREDENTIALS = /\b(bearer[ .]+|basic +)[\w.~+/=-]{8,}/gi;
/** A JSON web token. */
const JWT = /\beyJ[\w-]{8,}\.[\w-]{8,}(\.[\w-]*)?/g;
/** A password hash, from which a weak password can be guessed. */
const PASSWORD_HASH = /\$(argon2(id|i|d)|scrypt|2[abxy]|pbkdf2[\w-]*)\$[\w$+/=.,-]+/g;
/** `//user:password@host` */
const USER_INFO = /(\/\/[^\s/:@]{0,200}:)[^\s/@]{1,1000}@/g;
/** The fragment of the setup page, which is its token. */
const SETUP_FRAGMENT = /(\/setup\/?#)[^\s"'<>]+/g;
/** A header in a text: `Cookie: …` up to the end of its line. */
const HEADER =
  /\b(authorization|proxy-authorization|cookie|set-cookie|sec-websocket-protocol|x-api-key)(\s*:\s*)[^\s"'][^\r\n"]*/gi;

/** The name of a field in JSON or in what Node prints of an object, also inside a JSON text, where quotes are escaped. */
const FIELD_NAME = String.raw`(?<![\w-])(?<quote>\\*["']|)(?<name>[\w-]{1,64})\k<quote>(?<colon>\s*:\s*)`;
/** A text in quotes, a list, an object or a word. */
const FIELD_VALUE = [
  String.raw`(?<open>\\*["'\x60])(?:\\\\\\.|(?!\k<open>)(?:\\.|.)){0,8192}(?:\k<open>)?`,
  String.raw`\[[^\]]{0,8192}\]?`,
  String.raw`\{[^}]{0,8192}\}?`,
  String.raw`[^\s,;"']{1,8192}`,
].join("|");
const NAMES = new RegExp(FIELD_NAME, "g");
const VALUE = new RegExp(FIELD_VALUE, "sy");

/** A parameter of a query, a fragment, a form or a cookie: `?token=…`, `#token=…`, `; sessionid=…`, `password="…"`. */
const PARAMETER = /(^|[^\w%.[\]-])([\w%.[\]-]{1,64})=(\\*"[^"]*"|\\*'[^']*'|[^\s&#;"']+)/g;

/** Returns the text without the secrets that can be recognized in it. */
export function redactText(text: string): string {
  const cut = text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}… (${text.length} characters)` : text;
  return redactFields(cut)
    .replace(HEADER, `$1$2${CENSOR}`)
    .replace(CREDENTIALS, `$1${CENSOR}`)
    .replace(JWT, CENSOR)
    .replace(PASSWORD_HASH, CENSOR)
    .replace(USER_INFO, `$1${CENSOR}@`)
    .replace(SETUP_FRAGMENT, `$1${CENSOR}`)
    .replace(PARAMETER, (parameter, before: string, name: string) =>
      isSecretName(decode(name)) ? `${before}${name}=${CENSOR}` : parameter,
    );
}

/** Replaces the values of secret fields. Those of other fields may contain secret ones, so only their names are passed over. */
function redactFields(text: string): string {
  let redacted = "";
  let end = 0;
  for (const found of text.matchAll(NAMES)) {
    const valueStart = found.index + found[0].length;
    // Inside a value that is gone.
    if (found.index < end || !isSecretName(found.groups?.name ?? "")) continue;
    VALUE.lastIndex = valueStart;
    const value = VALUE.exec(text)?.[0];
    if (value === undefined || isProse(value, text.slice(valueStart + value.length, valueStart + value.length + 2)))
      continue;
    const quote = /^\\*["'`]/.exec(value)?.[0] ?? "";
    redacted += `${text.slice(end, valueStart)}${quote}${CENSOR}${quote}`;
    end = valueStart + value.length;
  }
  return redacted + text.slice(end);
}

/** In `password: expected a text` the value is a message: a secret is rarely a word that is followed by other words. */
function isProse(value: string, following: string): boolean {
  return /^[a-z]+$/.test(value) && /^ [a-z]/.test(following);
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
