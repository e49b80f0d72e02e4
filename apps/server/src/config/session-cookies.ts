/** The session cookie of plain HTTP, which the recorded protocol and existing clients know. */
const CLASSIC_NAME = "sessionid";
/** The same over TLS. Browsers accept it only from this host, over TLS, so no subdomain and no attacker on the way can set it. */
const SECURE_NAME = "__Host-sessionid";

/**
 * Returns a `Cookie` header with the session's cookie alone, by its classic name. The secure name takes precedence. Several
 * cookies of one name are refused, because one of them may come from another site of the same domain: undefined.
 */
export function readSessionCookie(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const pairs = header.split(";").map((part) => {
    const [name = "", ...value] = part.split("=");
    return { name: name.trim(), value: value.join("=").trim() };
  });
  const isSecure = pairs.some(({ name }) => name === SECURE_NAME);
  const found = pairs.filter(({ name }) => name === (isSecure ? SECURE_NAME : CLASSIC_NAME));
  const [only] = found;
  return only === undefined || found.length > 1 ? undefined : `${CLASSIC_NAME}=${only.value}`;
}

/**
 * Returns the `Set-Cookie` headers for a session's cookie over TLS: by its secure name, with the classic one, which an older
 * version has set, removed. Every other cookie becomes `Secure`.
 */
export function toSecureCookies(setCookies: readonly string[]): readonly string[] {
  return setCookies.flatMap((line) => {
    const secured = /;\s*secure\s*(;|$)/i.test(line) ? line : `${line}; Secure`;
    if (!line.startsWith(`${CLASSIC_NAME}=`)) return [secured];
    return [
      `${SECURE_NAME}${secured.slice(CLASSIC_NAME.length)}`,
      `${CLASSIC_NAME}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax`,
    ];
  });
}
