const DOMAIN = "@nobody.invalid";

/** The accounts library requires an email address. This placeholder is never shown and cannot receive mail. */
export function placeholderEmail(id: string): string {
  return `${id}${DOMAIN}`;
}

export function isPlaceholderEmail(email: string): boolean {
  return email.endsWith(DOMAIN);
}
