import { refuse } from "../consumer/application.ts";
import { ChannelsError } from "../errors.ts";
import type { Middleware } from "./middleware.ts";

/** Which pages may open a WebSocket. */
export interface OriginOptions {
  /**
   * Origins beside the own one: `"https://chat.example"`, or `"https://*.chat.example"` for every subdomain (not the domain
   * itself). Scheme and port count.
   * @default []
   */
  readonly allowed?: readonly string[];
  /**
   * Whether a page from the host that the request is for may connect. Hosts and ports are compared, not schemes: behind a
   * proxy that ends TLS the server cannot know its own.
   * @default true
   */
  readonly sameHost?: boolean;
  /**
   * What becomes of a request without an Origin. Browsers always send one, so this is a program, which could send any.
   * @default "allow"
   */
  readonly missing?: "allow" | "refuse";
}

/**
 * Refuses pages of other sites with 403: browsers send cookies with a WebSocket whoever opens it.
 * @throws InvalidOption for an entry of `allowed` that is no origin.
 */
export function originValidator(options: OriginOptions = {}): Middleware {
  const rules = (options.allowed ?? []).map(compileOriginRule);
  const sameHost = options.sameHost ?? true;
  const missing = options.missing ?? "allow";
  return (scope, next) => {
    const { origin, host } = scope.headers;
    if (origin === undefined) {
      return missing === "allow" ? next(scope) : refuse(403, "a request without an Origin is not served here");
    }
    const parsed = URL.canParse(origin) ? new URL(origin) : undefined;
    if (parsed === undefined || parsed.host === "") return refuse(403, "this Origin is not allowed");
    if (sameHost && host !== undefined && normalizeHost(parsed.protocol, host) === parsed.host) return next(scope);
    return rules.some((rule) => rule(parsed)) ? next(scope) : refuse(403, "this Origin is not allowed");
  };
}

/** The host as a URL writes it: lower case, without the scheme's own port. */
function normalizeHost(protocol: string, host: string): string | undefined {
  const url = `${protocol}//${host}`;
  return URL.canParse(url) ? new URL(url).host : undefined;
}

function compileOriginRule(text: string): (origin: URL) => boolean {
  const wild = /^([a-z][a-z0-9+.-]*:\/\/)\*\.(.+)$/i.exec(text);
  const plain = wild === null ? text : `${wild[1]}${wild[2]}`;
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
  if (wild === null) return (origin) => origin.protocol === protocol && origin.host === host;
  return (origin) => origin.protocol === protocol && origin.port === port && origin.hostname.endsWith(`.${hostname}`);
}
