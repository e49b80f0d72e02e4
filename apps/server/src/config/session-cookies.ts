/** The session cookie of plain HTTP, which the recorded protocol and existing clients know. */
const CLASSIC_NAME = "sessionid";
/** The same over TLS. Browsers accept it only from this host, over TLS, so no subdomain and no attacker on the network can set it. */
const HOST_NAME = "__Host-sessionid";
/**
 * The same over TLS where the chat is served under a path: `__Host-` requires the path `/`, which would send the session to
 * every other program on the host. `__Secure-` protects from attackers on the network, but not from subdomains.
 */
const SECURE_NAME = "__Secure-sessionid";

function secureNameFor(basePath: string): string {
  return basePath === "" ? HOST_NAME : SECURE_NAME;
}

/**
 * Returns a `Cookie` header with the session's cookie alone, by its classic name. The secure name takes precedence. Several
 * cookies of one name are refused, because one of them may come from another site of the same domain: undefined.
 */
export function readSessionCookie(header: string | undefined, basePath: string): string | undefined {
  if (header === undefined) return undefined;
  const secureName = secureNameFor(basePath);
  const pairs = header.split(";").map((part) => {
    const [name = "", ...value] = part.split("=");
    return { name: name.trim(), value: value.join("=").trim() };
  });
  const isSecure = pairs.some(({ name }) => name === secureName);
  const found = pairs.filter(({ name }) => name === (isSecure ? secureName : CLASSIC_NAME));
  const [only] = found;
  return only === undefined || found.length > 1 ? undefined : `${CLASSIC_NAME}=${only.value}`;
}

/**
 * Returns the `Set-Cookie` headers for a session's cookie over TLS: by its secure name, with the classic one, which an older
 * version has set, removed; under a path only the one of this path, because another program on the host may use the name.
 * Every other cookie becomes `Secure`.
 */
export function toSecureCookies(setCookies: readonly string[], basePath: string): readonly string[] {
  return setCookies.flatMap((line) => {
    const secured = /;\s*secure\s*(;|$)/i.test(line) ? line : `${line}; Secure`;
    if (!line.startsWith(`${CLASSIC_NAME}=`)) return [secured];
    return [
      `${secureNameFor(basePath)}${secured.slice(CLASSIC_NAME.length)}`,
      `${CLASSIC_NAME}=; Max-Age=0; Path=${basePath || "/"}; HttpOnly; Secure; SameSite=Lax`,
    ];
  });
}
