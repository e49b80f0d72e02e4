import { Refusal } from "../../access/refusal.ts";
import type { App } from "../app.ts";
import type { HttpDeps } from "../http-deps.ts";

const PATH = "/.well-known/security.txt";
const DAY_MS = 86_400_000;
/** RFC 9116 recommends less than a year. */
const VALID_DAYS = 180;

/** Serves where to report vulnerabilities of this installation (RFC 9116). There is no such file without a contact. */
export function addSecurityContactRoute(app: App, { config }: Pick<HttpDeps, "config">): void {
  const { securityContacts, publicUrl } = config;
  app.get(PATH, { schema: { hide: true } }, async (_request, reply) => {
    if (securityContacts.length === 0) throw new Refusal("NOT_FOUND");
    return reply
      .header("cache-control", "public, max-age=86400")
      .type("text/plain; charset=utf-8")
      .serializer((text: unknown) => String(text))
      .send(
        formatSecurityTxt({
          contacts: securityContacts,
          canonical: publicUrl === null ? undefined : `${publicUrl}${PATH}`,
          now: Date.now(),
        }),
      );
  });
}

interface SecurityTxt {
  /** URIs, the preferred one first. */
  readonly contacts: readonly string[];
  readonly canonical: string | undefined;
  readonly now: number;
}

/** The same text for a whole day, so that caches and signatures of it are of use. */
export function formatSecurityTxt({ contacts, canonical, now }: SecurityTxt): string {
  const expires = new Date((Math.floor(now / DAY_MS) + VALID_DAYS) * DAY_MS);
  return [
    ...contacts.map((contact) => `Contact: ${contact}`),
    `Expires: ${expires.toISOString().replace(/\.\d+/, "")}`,
    "Preferred-Languages: en",
    ...(canonical === undefined ? [] : [`Canonical: ${canonical}`]),
    "",
  ].join("\n");
}
