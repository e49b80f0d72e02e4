import type { Config } from "../config/config.ts";

/** Returns the address of a link with a secret, behind `#`, so that it reaches no log of a proxy. */
export function linkTo(
  { publicUrl, port }: Pick<Config, "publicUrl" | "port">,
  page: "invite" | "reset",
  token: string,
): string {
  const base = publicUrl ?? `http://localhost:${port}`;
  return `${base.replace(/\/$/, "")}/${page}#token=${token}`;
}
