import { type Descriptors, readDescriptors } from "../../process/descriptor-limit.ts";
import { StartError } from "../../process/start-error.ts";

/** How many connections of each kind the server keeps open. */
export interface ConnectionBudget {
  /** WebSockets. Only signed-in users have one for longer than a handshake. */
  readonly webSockets: number;
  /** TCP connections that are not WebSockets. */
  readonly http: number;
  /** Those of one address on which nobody has signed in. */
  readonly anonymousPerAddress: number;
  /** TCP connections beyond these, for requests of health checks and signed-in users while all others are being answered. */
  readonly reserve: number;
}

/** The configured limits; null: derived from the limit of descriptors. */
export interface ConfiguredConnections {
  readonly webSockets: number | null;
  readonly http: number | null;
  readonly httpPerAddress: number | null;
}

const MAX_WEB_SOCKETS = 50_000;
const MAX_HTTP = 2_048;
const MIN_WEB_SOCKETS = 16;
const MIN_HTTP = 16;
const MIN_RESERVE = 4;
const MAX_RESERVE = 128;
/** For files that are opened later: backups, copies of the database, Redis, the web client's files. */
const SPARE_DESCRIPTORS = 32;
/** An HTTP connection and the file that it may be sent. */
const DESCRIPTORS_PER_HTTP_CONNECTION = 2;

/**
 * Divides the descriptors of the process, so that connections of one kind cannot take those of another: a flood of
 * anonymous connections leaves room for the WebSockets of signed-in users, and these for health checks and sign-in.
 *
 * @throws StartError if the configured limits need more descriptors than the process can have.
 */
export function planConnections(
  configured: ConfiguredConnections,
  descriptors: Descriptors | "unknown" = readDescriptors() ?? "unknown",
): ConnectionBudget {
  const available =
    descriptors === "unknown" ? Number.POSITIVE_INFINITY : descriptors.limit - descriptors.open - SPARE_DESCRIPTORS;
  const http = configured.http ?? clamp(available / 4, MIN_HTTP, MAX_HTTP);
  const reserve = clamp(http / 4, MIN_RESERVE, MAX_RESERVE);
  const neededForHttp = (http + reserve) * DESCRIPTORS_PER_HTTP_CONNECTION;
  const webSockets = configured.webSockets ?? clamp(available - neededForHttp, MIN_WEB_SOCKETS, MAX_WEB_SOCKETS);
  const needed = neededForHttp + webSockets;
  if (descriptors !== "unknown" && needed > available) {
    throw new StartError(
      `LIMIT_WEBSOCKETS and LIMIT_HTTP_CONNECTIONS: expected limits that fit the ${descriptors.limit} descriptors of this process; ${webSockets} WebSockets and ${http} HTTP connections need ${needed + descriptors.open + SPARE_DESCRIPTORS}. Raise the limit of the process (ulimit -n, LimitNOFILE), or lower the two variables.`,
    );
  }
  return { webSockets, http, anonymousPerAddress: configured.httpPerAddress ?? Math.ceil(http / 2), reserve };
}

function clamp(value: number, min: number, max: number): number {
  return Math.floor(Math.min(max, Math.max(min, value)));
}
