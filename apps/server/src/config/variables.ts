import { LIMITS } from "@multichat/protocol";
import {
  boolean,
  databaseUrl,
  host,
  integer,
  layerPrefix,
  listOf,
  oneOf,
  origin,
  type Reader,
  redisUrl,
  stringOfLength,
  text,
  trustProxy,
} from "./value-readers.ts";

/**
 * Every variable that a server can be configured by: the one table. The reader, the reference page and `doctor` come
 * from it; a variable that is not here does not exist.
 */
export interface Variable<T> {
  readonly name: string;
  readonly read: Reader<T>;
  /** As it would be written; null: none. */
  readonly default: string | null;
  /** One sentence for the reference. */
  readonly about: string;
  /** Never shown; may also come from the file that `<NAME>_FILE` names. */
  readonly secret: boolean;
}

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export const LOG_FORMATS = ["auto", "text", "json"] as const;

type VariableInput<T, D> = { name: string; read: Reader<T>; default: D; about: string; secret?: true };
type VariableWithDefault<T, D> = Variable<T> & { readonly default: D };

function variable<T, D extends string | null>(given: VariableInput<T, D>): VariableWithDefault<T, D> {
  return { secret: false, ...given };
}

function limit(
  name: string,
  standard: number,
  min: number,
  max: number,
  about: string,
): VariableWithDefault<number, string> {
  return variable({ name, read: integer(min, max), default: String(standard), about: `${about} ${min} to ${max}.` });
}

export const VARIABLES = {
  port: variable({
    name: "PORT",
    read: integer(0, 65_535),
    default: "8000",
    about: "The port to listen on; 0 takes a free one.",
  }),
  host: variable({
    name: "HOST",
    read: host,
    default: "0.0.0.0",
    about: "The address to listen on: 127.0.0.1 for this machine alone, behind a proxy on it.",
  }),
  dataDir: variable({
    name: "DATA_DIR",
    read: text,
    default: "./data",
    about:
      "The folder for everything that the server keeps. Made when missing; a relative path counts from the working directory.",
  }),
  database: variable({
    name: "DATABASE_URL",
    read: databaseUrl,
    default: null,
    about: "The SQLite file, as `file:PATH`. Unset: `multichat.db` in `DATA_DIR`.",
    secret: true,
  }),
  redisUrl: variable({
    name: "REDIS_URL",
    read: redisUrl,
    default: null,
    about:
      "The Redis that carries events between several server processes on one database, and work to `multichat worker`, such as `redis://127.0.0.1:6379`. Unset: one process, in memory.",
    secret: true,
  }),
  redisPrefix: variable({
    name: "REDIS_PREFIX",
    read: layerPrefix,
    default: "multichat",
    about:
      "In front of every name that the chat uses on Redis. Two chats on one Redis need two of them, whatever databases their URLs name; scripts that speak to this chat need this one.",
  }),
  publicUrl: variable({
    name: "PUBLIC_URL",
    read: origin,
    default: null,
    about:
      "The address that people reach the server at, such as `https://chat.example.org`. With https, cookies are Secure and HSTS is sent. Unset: whatever host a request names.",
  }),
  allowedOrigins: variable({
    name: "ALLOWED_ORIGINS",
    read: listOf(origin, "origins such as https://chat.example.org (no *: name each)"),
    default: "",
    about:
      "Origins, separated by commas, whose pages may speak to this server besides its own (`PUBLIC_URL`, or the host that a request names).",
  }),
  trustProxy: variable({
    name: "TRUST_PROXY",
    read: trustProxy,
    default: "false",
    about:
      "Whose `X-Forwarded-*` headers to believe: `true` for one proxy in front, a number of proxies, or their addresses. Without a proxy, leave it off: anybody could invent an address.",
  }),
  adminUsername: variable({
    name: "ADMIN_USERNAME",
    read: text,
    default: null,
    about: "With `ADMIN_PASSWORD`: the first administrator, made at start while nobody is in the database.",
    secret: true,
  }),
  adminPassword: variable({
    name: "ADMIN_PASSWORD",
    read: text,
    default: null,
    about: "The first administrator's password. Of no effect once somebody is in the database.",
    secret: true,
  }),
  notifyOnEnterOrLeave: variable({
    name: "NOTIFY_USERS_ON_ENTER_OR_LEAVE_ROOMS",
    read: boolean,
    default: "true",
    about: "Whether a room is told who enters and leaves it.",
  }),
  logLevel: variable({
    name: "LOG_LEVEL",
    read: oneOf(LOG_LEVELS),
    default: "info",
    about: `How much is logged: ${LOG_LEVELS.join(", ")}.`,
  }),
  logFormat: variable({
    name: "LOG_FORMAT",
    read: oneOf(LOG_FORMATS),
    default: "auto",
    about: "`json`: one object a line; `text`: for people; `auto`: text on a terminal, else json.",
  }),
  metricsToken: variable({
    name: "METRICS_TOKEN",
    read: stringOfLength(16, 200),
    default: null,
    about:
      "A bearer token (16 to 200 characters) that opens `/metrics` from elsewhere. Unset: from this machine alone.",
    secret: true,
  }),

  messageChars: limit("LIMIT_MESSAGE_CHARS", LIMITS.messageChars, 1, 100_000, "Characters of a message."),
  frameBytes: limit("LIMIT_FRAME_BYTES", LIMITS.frameBytes, 1024, 16_777_216, "Bytes of one incoming WebSocket frame."),
  commandsPerSecond: limit(
    "LIMIT_COMMANDS_PER_SECOND",
    LIMITS.commandsPerSecond,
    1,
    100_000,
    "Commands per second and connection, sustained; bursts of twice as many.",
  ),
  connectionsPerUser: limit(
    "LIMIT_CONNECTIONS_PER_USER",
    LIMITS.connectionsPerUser,
    1,
    1_000_000,
    "Open sockets of one account.",
  ),
  roomsPerConnection: limit(
    "LIMIT_ROOMS_PER_CONNECTION",
    LIMITS.roomsPerConnection,
    1,
    10_000,
    "Rooms that one connection can be in at once.",
  ),
  historyPage: limit("LIMIT_HISTORY_PAGE", LIMITS.historyPage, 1, 100, "Messages in one page of history."),
  resumeEvents: limit(
    "LIMIT_RESUME_EVENTS",
    LIMITS.resumeEvents,
    0,
    10_000,
    "Events that are replayed for one room after a reconnect; with more missing, the client starts afresh.",
  ),
  roomTitleChars: limit("LIMIT_ROOM_TITLE_CHARS", LIMITS.roomTitleChars, 1, 250, "Characters of a room's title."),
  roomTopicChars: limit("LIMIT_ROOM_TOPIC_CHARS", LIMITS.roomTopicChars, 0, 5_000, "Characters of a room's topic."),
  usernameChars: limit("LIMIT_USERNAME_CHARS", LIMITS.usernameChars, 1, 64, "Characters of a username."),
  passwordMinChars: limit(
    "LIMIT_PASSWORD_MIN_CHARS",
    LIMITS.passwordMinChars,
    1,
    LIMITS.passwordMaxChars,
    "Characters of a password, at least.",
  ),
  signInPerMinute: limit(
    "LIMIT_SIGN_IN_PER_MINUTE",
    10,
    1,
    100_000,
    "Failed attempts to sign in per minute and username; one address has five times as many.",
  ),
  requestsPerMinute: limit(
    "LIMIT_REQUESTS_PER_MINUTE",
    1_200,
    1,
    10_000_000,
    "HTTP requests to `/api` per minute and person (address, where nobody is signed in).",
  ),
  bodyBytes: limit("LIMIT_BODY_BYTES", 262_144, 1024, 16_777_216, "Bytes of one HTTP request's body."),
} as const satisfies Record<string, Variable<unknown>>;

export type Variables = typeof VARIABLES;

/** Names the configuration file; it cannot stand in that file. */
export const CONFIG_PATH_VARIABLE = "MULTICHAT_CONFIG";
export const CONFIG_FILE = "multichat.config.json";
