import type { Socket } from "node:net";
import type { SharedLimits } from "../access/shared-limits.ts";
import type { SecurityLog } from "../audit/index.ts";
import type { Config } from "../config/config.ts";
import type { Context } from "../context.ts";
import type { Files } from "../files/index.ts";
import type { Logger } from "../observability/logging.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { Setup } from "../setup/index.ts";

/** The dependencies of the HTTP API. Created once, in main/http-server.ts. */
export interface HttpDeps {
  readonly config: Pick<
    Config,
    | "publicUrl"
    | "allowedOrigins"
    | "trustProxy"
    | "limits"
    | "bodyBytes"
    | "signInPerMinute"
    | "requestsPerMinute"
    | "metricsToken"
    | "metricsAccess"
    | "securityContacts"
    | "allowedOriginsCredentials"
  >;
  readonly context: Context;
  readonly files: Files;
  readonly setup: Setup;
  readonly logger: Logger;
  /** Records what fails and what is refused. */
  readonly securityLog: Pick<SecurityLog, "record" | "noteInvalidInput">;
  readonly metrics: Metrics;
  /** Counts what is used at the other servers. @default limits are counted in this process alone */
  readonly sharedLimits?: SharedLimits | undefined;
  /** The checks of `/readyz` by name. A check rejects if the server cannot serve. */
  readonly readiness: Readonly<Record<string, () => Promise<void>>>;
  /** The server's version, for `/api/me` and the API document. */
  readonly version: string;
  /** Called with the connection of each request of a signed-in user. */
  readonly onSignedIn?: (socket: Socket) => void;
  /** The folder of the built web client. @default apps/web/dist beside this package */
  readonly webDir?: string;
}
