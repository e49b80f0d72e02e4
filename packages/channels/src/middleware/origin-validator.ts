import { refuse } from "../consumer/application.ts";
import { ChannelsError } from "../errors.ts";
import { checkOptions } from "../options.ts";
import type { Middleware } from "./middleware.ts";

/** Which pages can open a WebSocket. */
export interface OriginOptions {
  /**
   * Further origins: `"https://chat.example"`, or `"https://*.chat.example"` for every subdomain (but not the domain
   * itself). Scheme and port have to match.
   * @default []
   */
  readonly allowed?: readonly string[];
  /**
   * Whether pages of the requested host can connect. Compares hosts and ports, but not schemes, because a server behind
   * a proxy that terminates TLS does not know its own.
   * @default true
   */
  readonly sameHost?: boolean;
  /**
   * Whether to allow a request without an Origin header. Browsers always send one; other programs can send any.
   * @default "allow"
   */
  readonly missing?: "allow" | "refuse";
}

/**
 * Refuses pages of other sites with 403, because browsers send cookies with every WebSocket, whichever page opens it.
 * @throws InvalidOption for an entry of `allowed` that is not an origin.
 */
export function originValidator(options: OriginOptions = {}): Middleware {
  checkOptions<OriginOptions>(options, { allowed: true, sameHost: true, missing: true });
  const rules = (options.allowed ?? []).map(compileOriginRule);
  const sameHost = options.sameHost ?? true;
  const missing = options.missing ?? "allow";
  return (scope, next) => {
    const { origin, host } = scope.headers;
    if (origin === undefined) {
      return missing === "allow" ? next(scope) : refuse(403, "an Origin header is required");
    }
    const parsed = URL.canParse(origin) ? new URL(origin) : undefined;
    if (parsed === undefined || parsed.host === "") return refuse(403, "origin not allowed");
    if (sameHost && host !== undefined && normalizeHost(parsed.protocol, host) === parsed.host) return next(scope);
    return rules.some((rule) => rule(parsed)) ? next(scope) : refuse(403, "origin not allowed");
  };
}

/** Normalizes a host as URLs do: lower case, without the scheme's default port. */
function normalizeHost(protocol: string, host: string): string | undefined {
  const url = `${protocol}//${host}`;
  return URL.canParse(url) ? new URL(url).host : undefined;
}

function compileOriginRule(text: string): (origin: URL) => boolean {
  const wildcard = /^([a-z][a-z0-9+.-]*:\/\/)\*\.(.+)$/i.exec(text);
  const plain = wildcard === null ? text : `${wildcard[1]}${wildcard[2]}`;
  const url = URL.canParse(plain) ? new URL(plain) : undefined;
  if (
    url === undefined ||
    url.host === "" ||
    url.host.includes("*") ||
    !/^\/?$/.test(url.pathname) ||
    url.search !== "" ||
    url.username !== ""
  ) {
    throw new ChannelsError("InvalidOption", {
      option: "allowed",
      expected: 'origins like "https://chat.example" or "https://*.chat.example"',
      got: text,
    });
  }
  const { protocol, host, hostname, port } = url;
  if (wildcard === null) return (origin) => origin.protocol === protocol && origin.host === host;
  return (origin) => origin.protocol === protocol && origin.port === port && origin.hostname.endsWith(`.${hostname}`);
}
