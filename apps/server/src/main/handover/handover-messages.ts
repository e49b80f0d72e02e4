import { z } from "zod";
import type { Config } from "../../config/config.ts";
import type { HandoverPeer } from "../../fan-out/handover-bus.ts";
import type { MessageLink } from "../../process/handover/message-link.ts";
import { describeDatabase } from "../databases.ts";

// A new server process, the successor, takes over the port and the connections of a running one, the predecessor. The successor
// asks at a Unix socket in DATA_DIR. The predecessor shares its database, then the successor starts and listens at the same
// port, then the predecessor stops to listen and drains. Until the successor serves, its end in any way changes nothing. A third
// server waits until the predecessor has ended, so that there are never more than two.

/** Changes with the messages below, and with those of the bus. */
export const PROTOCOL = 1;

/** The successor's request. Both have to be the same chat, connected in the same way. */
export const REQUEST = z.object({
  type: z.literal("replace"),
  protocol: z.number(),
  version: z.string(),
  /** Of the code. */
  folder: z.string().optional(),
  database: z.string(),
  carrier: z.string(),
});
export const SERVING = z.object({ type: z.literal("serving") });
export const BUS = z.object({ type: z.literal("bus"), message: z.unknown() });
/** The predecessor's answers: to the request, and to `serving`. */
export const ACCEPTED = z.object({
  type: z.literal("accepted"),
  pid: z.number(),
  version: z.string(),
  folder: z.string().optional(),
});
export const REFUSED = z.object({ type: z.literal("refused"), reason: z.string() });
/** Precedes the answer to the request where the predecessor has a predecessor itself, with its process id. */
export const WAITING = z.object({ type: z.literal("waiting"), pid: z.number() });
/** The successor's, while the predecessor drains. */
export const LOAD = z.object({ type: z.literal("load"), connections: z.number(), delayMs: z.number() });
export const DRAINING = z.object({ type: z.literal("draining") });
/** The predecessor's last one, unless it is killed. */
export const ENDED = z.object({ type: z.literal("ended") });

export type HandoverConfig = Pick<Config, "dataDir" | "port" | "databaseFile" | "postgresUrl" | "redisUrl">;

export function describeSelf(config: HandoverConfig): Pick<z.infer<typeof REQUEST>, "database" | "carrier"> {
  const { redisUrl, postgresUrl } = config;
  const carrier = redisUrl === null ? (postgresUrl === null ? "none" : "PostgreSQL") : "Redis";
  return { database: describeDatabase(config), carrier };
}

/** Returns the other process as one to exchange the messages of the bus with. */
export function toPeer(link: MessageLink): HandoverPeer {
  return {
    get isOpen() {
      return link.isOpen;
    },
    send: (message) => link.send({ type: "bus", message }),
  };
}
