import { LIMITS } from "@multichat/protocol";
import {
  bearerToken,
  boolean,
  contact,
  databaseUrl,
  host,
  integer,
  layerPrefix,
  listOf,
  oneOf,
  origin,
  publicUrl,
  type Reader,
  redisUrl,
  stringOfLength,
  text,
  trustProxy,
} from "./value-readers.ts";

/** A configuration variable. The reader, the reference page and `doctor` are derived from the table below. */
export interface Variable<T> {
  readonly name: string;
  readonly read: Reader<T>;
  /** The default as it would be written; null for none. */
  readonly default: string | null;
  /** The description in the reference. */
  readonly about: string;
  /** True: never shown, and can also be read from the file at `<NAME>_FILE`. */
  readonly secret: boolean;
}

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export const LOG_FORMATS = ["auto", "text", "json"] as const;

const METRICS_ACCESS = ["token", "local", "anyone"] as const;

type VariableInput<T, D> = { name: string; read: Reader<T>; default: D; about: string; secret?: true };
type VariableWithDefault<T, D> = Variable<T> & { readonly default: D };

function variable<T, D extends string | null>(given: VariableInput<T, D>): VariableWithDefault<T, D> {
  return { secret: false, ...given };
}

function limit(
  name: string,
  defaultValue: number,
  min: number,
  max: number,
  about: string,
): VariableWithDefault<number, string> {
  return variable({
    name,
    read: integer(min, max),
    default: String(defaultValue),
    about: `${about} ${min} to ${max}.`,
  });
}

/** A limit without a default of its own. */
function automaticLimit(name: string, min: number, max: number, about: string): VariableWithDefault<number, null> {
  return variable({ name, read: integer(min, max), default: null, about: `${about} ${min} to ${max}.` });
}

export const VARIABLES = {
  port: variable({
    name: "PORT",
    read: integer(0, 65_535),
    default: "8000",
    about: "The port to listen on; 0 chooses a free one.",
  }),
  host: variable({
    name: "HOST",
    read: host,
    default: "0.0.0.0",
    about: "The address to listen on. Use 127.0.0.1 behind a proxy on the same machine.",
  }),
  dataDir: variable({
    name: "DATA_DIR",
    read: text,
    default: "./data",
    about:
      "The folder for all data of the server. Created if it does not exist; a relative path starts at the working directory.",
  }),
  database: variable({
    name: "DATABASE_URL",
    read: databaseUrl,
    default: null,
    about:
      "The SQLite file, as `file:PATH` or `sqlite:PATH`, or the PostgreSQL database (15 or newer), as `postgres://USER:PASSWORD@HOST:5432/DATABASE`. Unset: the SQLite file `multichat.db` in `DATA_DIR`.",
    secret: true,
  }),
  filesDir: variable({
    name: "FILES_DIR",
    read: text,
    default: null,
    about:
      "The folder for the files of messages. Servers of one database need the same one: with several machines, a shared file system. Unset: `files` in `DATA_DIR`.",
  }),
  redisUrl: variable({
    name: "REDIS_URL",
    read: redisUrl,
    default: null,
    about:
      "The Redis for events between several server processes on one database, and for messages to `multichat worker`, such as `redis://127.0.0.1:6379`. Unset: a single process, in memory, or several that the PostgreSQL of `DATABASE_URL` connects.",
    secret: true,
  }),
  redisPrefix: variable({
    name: "REDIS_PREFIX",
    read: layerPrefix,
    default: "multichat",
    about:
      "The prefix of every key and channel on Redis. Two chats on the same Redis need different prefixes, even in different databases; scripts that send to this chat need its prefix.",
  }),
  redisEncryptionKeys: variable({
    name: "REDIS_ENCRYPTION_KEYS",
    read: listOf(stringOfLength(16, 1_000), "key phrases of 16 to 1000 characters"),
    default: "",
    about:
      "Comma-separated key phrases (16 to 1000 characters each) that encrypt and sign what the processes send over Redis and store there. The first encrypts, all decrypt: to replace a key, put the new one in front. The same for servers, workers and the programs that send to them. Unset: not encrypted.",
    secret: true,
  }),
  publicUrl: variable({
    name: "PUBLIC_URL",
    read: publicUrl,
    default: null,
    about:
      "The public URL of the server, such as `https://chat.example.org`, or `https://example.org/chat/` to serve the chat under a path. With https, the cookie is Secure and named `__Host-sessionid` (under a path `__Secure-sessionid`), and HSTS is sent. Unset: the host of each request.",
  }),
  allowedOrigins: variable({
    name: "ALLOWED_ORIGINS",
    read: listOf(origin, "origins such as https://chat.example.org (without *)"),
    default: "",
    about:
      "Comma-separated origins whose pages can use this server, in addition to its own origin (`PUBLIC_URL`, or the host of the request).",
  }),
  allowedOriginsCredentials: variable({
    name: "ALLOWED_ORIGINS_CREDENTIALS",
    read: boolean,
    default: "false",
    about:
      "Whether browsers can send cookies from pages of `ALLOWED_ORIGINS` (`Access-Control-Allow-Credentials`). The session's cookie is `SameSite=Lax`, so they do so only from origins of the same site. Off: such pages sign in and use the token.",
  }),
  trustProxy: variable({
    name: "TRUST_PROXY",
    read: trustProxy,
    default: "false",
    about:
      "The proxies whose `X-Forwarded-*` headers are trusted: `true` for one proxy, a number of proxies, or their addresses. Leave it off without a proxy, or clients can forge their address.",
  }),
  adminUsername: variable({
    name: "ADMIN_USERNAME",
    read: text,
    default: null,
    about: "With `ADMIN_PASSWORD`: the first administrator, created at start if there are no accounts.",
    secret: true,
  }),
  adminPassword: variable({
    name: "ADMIN_PASSWORD",
    read: text,
    default: null,
    about: "The password of the first administrator. Has no effect once there is an account.",
    secret: true,
  }),
  notifyOnEnterOrLeave: variable({
    name: "NOTIFY_USERS_ON_ENTER_OR_LEAVE_ROOMS",
    read: boolean,
    default: "true",
    about: "Whether members of a room are notified when someone enters or leaves it.",
  }),
  largeRoomUsers: variable({
    name: "LARGE_ROOM_USERS",
    read: integer(0, 1_000_000),
    default: "100",
    about:
      "Users in a room above which its members are notified only of their number, not of who enters or leaves. 0: never of names.",
  }),
  logLevel: variable({
    name: "LOG_LEVEL",
    read: oneOf(LOG_LEVELS),
    default: "info",
    about: `The log level: ${LOG_LEVELS.join(", ")}.`,
  }),
  logFormat: variable({
    name: "LOG_FORMAT",
    read: oneOf(LOG_FORMATS),
    default: "auto",
    about: "`json`: one object per line; `text`: human-readable; `auto`: text on a terminal, otherwise json.",
  }),
  metricsToken: variable({
    name: "METRICS_TOKEN",
    read: bearerToken(16, 200),
    default: null,
    about:
      "A bearer token for `/metrics`: 16 to 200 letters, digits and signs of ASCII, without spaces. Unset: no token is accepted.",
    secret: true,
  }),
  metricsAccess: variable({
    name: "METRICS_ACCESS",
    read: oneOf(METRICS_ACCESS),
    default: "token",
    about:
      "Who can read `/metrics`: `token`, only with `METRICS_TOKEN`; `local`, also requests from this machine that no proxy forwarded; `anyone`.",
  }),
  securityContacts: variable({
    name: "SECURITY_CONTACT",
    read: listOf(contact, "e-mail addresses, or URLs that begin with https:, mailto: or tel:"),
    default: "",
    about:
      "To whom vulnerabilities of this installation are reported: comma-separated e-mail addresses or URLs (`https:`, `mailto:`, `tel:`), the preferred one first, published at `/.well-known/security.txt`. Unset: there is no such file.",
  }),

  messageChars: limit("LIMIT_MESSAGE_CHARS", LIMITS.messageChars, 1, 100_000, "Characters of a message."),
  frameBytes: limit("LIMIT_FRAME_BYTES", LIMITS.frameBytes, 1024, 16_777_216, "Bytes of one incoming WebSocket frame."),
  commandsPerSecond: limit(
    "LIMIT_COMMANDS_PER_SECOND",
    LIMITS.commandsPerSecond,
    1,
    100_000,
    "Sustained commands per second on one connection; bursts may be twice as large.",
  ),
  connectionsPerUser: limit(
    "LIMIT_CONNECTIONS_PER_USER",
    LIMITS.connectionsPerUser,
    1,
    1_000_000,
    "Open connections of one account.",
  ),
  roomsPerConnection: limit(
    "LIMIT_ROOMS_PER_CONNECTION",
    LIMITS.roomsPerConnection,
    1,
    10_000,
    "Rooms that one connection can have joined at the same time.",
  ),
  historyPage: limit("LIMIT_HISTORY_PAGE", LIMITS.historyPage, 1, 100, "Messages in one page of history."),
  resumeEvents: limit(
    "LIMIT_RESUME_EVENTS",
    LIMITS.resumeEvents,
    0,
    10_000,
    "Events that are replayed for one room after a reconnect; a client that missed more loads the latest page instead.",
  ),
  roomTitleChars: limit("LIMIT_ROOM_TITLE_CHARS", LIMITS.roomTitleChars, 1, 250, "Characters of a room's title."),
  roomTopicChars: limit("LIMIT_ROOM_TOPIC_CHARS", LIMITS.roomTopicChars, 0, 5_000, "Characters of a room's topic."),
  fileBytes: limit(
    "LIMIT_FILE_BYTES",
    LIMITS.fileBytes,
    0,
    1_099_511_627_776,
    "Bytes of one uploaded file; 0 turns uploads off.",
  ),
  filesPerMessage: limit("LIMIT_FILES_PER_MESSAGE", LIMITS.filesPerMessage, 1, 50, "Files of one message."),
  fileBytesPerUser: automaticLimit(
    "LIMIT_FILE_BYTES_PER_USER",
    0,
    Number.MAX_SAFE_INTEGER,
    "Bytes of all files of one user. Unset: any number.",
  ),
  fileBytesTotal: automaticLimit(
    "LIMIT_FILE_BYTES_TOTAL",
    0,
    Number.MAX_SAFE_INTEGER,
    "Bytes of the files of all users. Unset: what the disk has, but for 256 MiB.",
  ),
  usernameChars: limit("LIMIT_USERNAME_CHARS", LIMITS.usernameChars, 1, 64, "Characters of a username."),
  passwordMinChars: limit(
    "LIMIT_PASSWORD_MIN_CHARS",
    LIMITS.passwordMinChars,
    1,
    LIMITS.passwordMaxChars,
    "Minimum characters of a password.",
  ),
  signInPerMinute: limit(
    "LIMIT_SIGN_IN_PER_MINUTE",
    10,
    1,
    100_000,
    "Failed sign-in attempts for one username from one address before delays begin, which double from 10 seconds to 15 minutes; per minute, an address is allowed five times as many for all usernames.",
  ),
  requestsPerMinute: limit(
    "LIMIT_REQUESTS_PER_MINUTE",
    1_200,
    1,
    10_000_000,
    "HTTP requests to `/api` per minute for one user, or for one address without a session.",
  ),
  webSockets: automaticLimit(
    "LIMIT_WEBSOCKETS",
    16,
    1_000_000,
    "WebSockets that are open at the same time, in all. Unset: what the limit of descriptors (`ulimit -n`) allows, at most 50000.",
  ),
  httpConnections: automaticLimit(
    "LIMIT_HTTP_CONNECTIONS",
    2,
    100_000,
    "HTTP connections that are open at the same time, in all, without WebSockets. At the limit, a new one takes the place of the one that has been idle longest; those of signed-in users are the last to be closed. Unset: a quarter of the descriptors that are left at start, at most 2048.",
  ),
  httpConnectionsPerAddress: automaticLimit(
    "LIMIT_HTTP_CONNECTIONS_PER_ADDRESS",
    1,
    100_000,
    "The same for one address, before sign-in; an IPv6 network of 64 bits counts as one address, and proxies in `TRUST_PROXY` do not count. Unset: half of `LIMIT_HTTP_CONNECTIONS`.",
  ),
  bodyBytes: limit("LIMIT_BODY_BYTES", 262_144, 1024, 16_777_216, "Bytes of an HTTP request body."),
} as const satisfies Record<string, Variable<unknown>>;

export type Variables = typeof VARIABLES;

/** The variable with the path of the configuration file; it cannot be set in that file. */
export const CONFIG_PATH_VARIABLE = "MULTICHAT_CONFIG";
export const CONFIG_FILE = "multichat.config.json";
