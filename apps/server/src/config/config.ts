import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { LIMITS, type Limits } from "@multichat/protocol";
import { makeSchemas } from "@multichat/protocol/schemas";
import { decodeUtf8, isDamaged } from "../process/utf8.ts";
import { readSecretFile } from "./secret-file.ts";
import { InvalidValue } from "./value-readers.ts";
import { CONFIG_FILE, CONFIG_PATH_VARIABLE, VARIABLES, type Variable, type Variables } from "./variables.ts";

/** The configuration of a server: read once at start, validated and deeply frozen. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Absolute. */
  readonly dataDir: string;
  /** The SQLite file, absolute; unused where `postgresUrl` is not null. */
  readonly databaseFile: string;
  /** null: the database is SQLite. */
  readonly postgresUrl: string | null;
  /** Absolute. */
  readonly filesDir: string;
  /** Bytes of all files of one user, and of all users; null: any number. */
  readonly fileQuotas: { readonly perUser: number | null; readonly total: number | null };
  /** null for a single process with an in-memory layer. */
  readonly redisUrl: string | null;
  /** Prefix of every Redis key and channel of this chat. */
  readonly redisPrefix: string;
  /** Key phrases for what is sent over Redis, the encrypting one first. Empty: not encrypted. */
  readonly redisEncryptionKeys: readonly string[];
  /** An origin, and a path if the chat is served under one, without a trailing slash. null: the host of each request. */
  readonly publicUrl: string | null;
  /** Origins in addition to the server's own. */
  readonly allowedOrigins: readonly string[];
  /** Whether their pages can send cookies. */
  readonly allowedOriginsCredentials: boolean;
  /** The number of trusted proxies, or their addresses. */
  readonly trustProxy: number | readonly string[];
  readonly firstAdministrator: { readonly username: string; readonly password: string } | null;
  readonly notifyOnEnterOrLeave: boolean;
  /** The users of a room above which entries and exits are published as their number only. */
  readonly largeRoomUsers: number;
  readonly logLevel: ReturnType<Variables["logLevel"]["read"]>;
  readonly logFormat: ReturnType<Variables["logFormat"]["read"]>;
  readonly metricsToken: string | null;
  readonly metricsAccess: ReturnType<Variables["metricsAccess"]["read"]>;
  /** URIs of those to whom vulnerabilities of this installation are reported, the preferred one first. */
  readonly securityContacts: readonly string[];
  readonly limits: Limits;
  readonly signInPerMinute: number;
  readonly requestsPerMinute: number;
  readonly bodyBytes: number;
  /** null: derived from the limit of descriptors. */
  readonly connections: {
    readonly webSockets: number | null;
    readonly http: number | null;
    readonly httpPerAddress: number | null;
  };
}

/** The configuration is invalid. Lists every problem, each with the name of its variable. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration is invalid:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}

export interface ConfigSources {
  /** @default process.env */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** @default process.cwd() */
  readonly cwd?: string;
}

/**
 * Reads each variable from the environment, the configuration file or its default, in this order of precedence.
 * @throws ConfigError with all problems.
 */
export function loadConfig({ env = process.env, cwd = process.cwd() }: ConfigSources = {}): Config {
  const problems: string[] = [];
  const file = readConfigFile(env, cwd, problems);
  const given = new Set<string>();
  const find = (variable: Variable<unknown>) => {
    const found = lookUp(variable, env, file, cwd, problems);
    if (found !== null) given.add(variable.name);
    return found;
  };
  const values = readVariables(find, problems);
  const config = assemble(values, cwd, problems, given);
  if (problems.length > 0) throw new ConfigError(problems);
  return deepFreeze(config);
}

type Values = {
  [K in keyof Variables]: ReturnType<Variables[K]["read"]> | (null extends Variables[K]["default"] ? null : never);
};

interface VariableText {
  readonly text: string;
  readonly source: string;
}

interface ConfigFile {
  readonly path: string;
  readonly entries: Readonly<Record<string, unknown>>;
}

function readConfigFile(env: ConfigSources["env"] & object, cwd: string, problems: string[]): ConfigFile | null {
  const customPath = env[CONFIG_PATH_VARIABLE];
  const path = resolve(cwd, customPath || CONFIG_FILE);
  let content: string;
  try {
    content = decodeUtf8(readFileSync(path));
  } catch (error) {
    if (!customPath && (error as NodeJS.ErrnoException).code === "ENOENT") return null;
    problems.push(
      `${customPath ? CONFIG_PATH_VARIABLE : CONFIG_FILE}: expected a readable file at ${path}: ${messageOf(error)}`,
    );
    return null;
  }
  let entries: unknown;
  try {
    entries = JSON.parse(content);
  } catch (error) {
    problems.push(`${path}: expected JSON: ${messageOf(error)}`);
    return null;
  }
  if (typeof entries !== "object" || entries === null || Array.isArray(entries)) {
    problems.push(`${path}: expected an object of variables, such as { "PORT": 8000 }`);
    return null;
  }
  const known = new Set(Object.values(VARIABLES).map((variable) => variable.name));
  for (const name of Object.keys(entries)) {
    if (!known.has(name) && name !== "$schema") problems.push(`${name}: unknown variable (in ${path})`);
  }
  return { path, entries: entries as Record<string, unknown> };
}

function lookUp(
  variable: Variable<unknown>,
  env: ConfigSources["env"] & object,
  file: ConfigFile | null,
  cwd: string,
  problems: string[],
): VariableText | null {
  const direct = env[variable.name];
  const pathVariable = `${variable.name}_FILE`;
  const path = variable.secret ? env[pathVariable] : undefined;
  for (const [name, text] of [[variable.name, direct] as const, [pathVariable, path] as const]) {
    if (text === undefined || !isDamaged(text)) continue;
    problems.push(`${name}: expected UTF-8 in the environment, got bytes that are not UTF-8`);
    return null;
  }
  if (path) {
    try {
      const secret = readSecretFile(resolve(cwd, path));
      if (secret !== null && !direct) return { text: secret, source: pathVariable };
      if (secret !== null) {
        problems.push(`${variable.name}: expected either ${variable.name} or ${pathVariable}, got both`);
        return null;
      }
    } catch (error) {
      problems.push(`${pathVariable}: ${messageOf(error)}`);
      return null;
    }
  }
  // An empty variable counts as unset: compose files and service managers write it for a missing value.
  if (direct) return { text: direct, source: "the environment" };
  const entry = file?.entries[variable.name];
  if (file === null || entry === undefined || entry === null) return null;
  const text = toText(entry);
  if (text === null) {
    problems.push(`${variable.name}: expected a string, a number, a boolean or a list of strings (in ${file.path})`);
    return null;
  }
  return { text, source: file.path };
}

/** Refuses what no variable can mean and no one can type: a name or a password with it could never be entered. */
function assertOneLine(text: string): string {
  if (isDamaged(text)) throw new InvalidValue("text in UTF-8 without U+FFFD, which stands for lost bytes");
  if (/\p{Cc}/u.test(text)) throw new InvalidValue("one line without control characters");
  return text;
}

function toText(entry: unknown): string | null {
  if (typeof entry === "string") return entry;
  if (typeof entry === "number" || typeof entry === "boolean") return String(entry);
  if (Array.isArray(entry) && entry.every((item) => typeof item === "string")) return entry.join(",");
  return null;
}

/** Reads all variables. An invalid one gets its default, so that later checks still run and report their problems. */
function readVariables(find: (variable: Variable<unknown>) => VariableText | null, problems: string[]): Values {
  const values: Record<string, unknown> = {};
  for (const [key, variable] of Object.entries<Variable<unknown>>(VARIABLES)) {
    values[key] = variable.default === null ? null : variable.read(variable.default);
    const found = find(variable);
    if (found === null) continue;
    try {
      values[key] = variable.read(assertOneLine(found.text));
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      const got = variable.secret ? `a value of ${found.text.length} characters` : JSON.stringify(found.text);
      problems.push(`${variable.name}: expected ${error.message}; got ${got} from ${found.source}`);
    }
  }
  // Every key was read by the reader of its own variable, which is what the mapped type says.
  return values as Values;
}

/** Expects both variables or neither, and a username and a password within the limits of this server. */
function checkAdministrator(values: Values, limits: Limits, problems: string[]): Config["firstAdministrator"] {
  const { adminUsername: username, adminPassword: password } = values;
  // One that is given but invalid is not missing.
  const isReported = problems.some((problem) => /^ADMIN_(?:USERNAME|PASSWORD)(?:_FILE)?:/.test(problem));
  if ((username === null && password === null) || isReported) return null;
  if (username === null || password === null) {
    const [present, missing] =
      username === null ? ["ADMIN_PASSWORD", "ADMIN_USERNAME"] : ["ADMIN_USERNAME", "ADMIN_PASSWORD"];
    problems.push(`${missing}: expected it together with ${present}: the first administrator needs both`);
    return null;
  }
  const { fields } = makeSchemas(limits);
  const parsedUsername = fields.username.safeParse(username);
  const parsedPassword = fields.password.safeParse(password);
  if (!parsedUsername.success)
    problems.push(`ADMIN_USERNAME: ${parsedUsername.error.issues[0]?.message}; got ${JSON.stringify(username)}`);
  if (!parsedPassword.success)
    problems.push(`ADMIN_PASSWORD: ${parsedPassword.error.issues[0]?.message}; got ${password.length}`);
  return { username: parsedUsername.data ?? username, password };
}

/** The bytes of a frame or body besides the text in it: the command, ids, and a token that says which message it replies to. */
const FRAME_ENVELOPE_BYTES = 512;

/**
 * Refuses limits that contradict each other: texts of so many characters, of which each takes a byte at least, can never arrive
 * in a frame. Longer characters and escapes count when a frame is sent. A default is lowered instead of being refused.
 */
function checkFrameLimits(values: Values, given: ReadonlySet<string>, problems: string[]): { messageChars: number } {
  const { frameBytes, bodyBytes, messageChars, roomTitleChars, roomTopicChars } = values;
  const capacity = frameBytes - FRAME_ENVELOPE_BYTES;
  const advice = (needed: number) => `set LIMIT_FRAME_BYTES to ${needed + FRAME_ENVELOPE_BYTES} or more`;
  if (messageChars > capacity && given.has("LIMIT_MESSAGE_CHARS")) {
    problems.push(
      `LIMIT_MESSAGE_CHARS: expected at most ${capacity} with LIMIT_FRAME_BYTES=${frameBytes}, because a longer message never fits into a frame; got "${messageChars}"; ${advice(messageChars)}`,
    );
  }
  const roomChars = roomTitleChars + roomTopicChars;
  if (roomChars > capacity) {
    const name = given.has("LIMIT_ROOM_TOPIC_CHARS") ? "LIMIT_ROOM_TOPIC_CHARS" : "LIMIT_FRAME_BYTES";
    problems.push(
      `${name}: expected a frame to have room for a title of ${roomTitleChars} and a topic of ${roomTopicChars} characters; got LIMIT_FRAME_BYTES=${frameBytes}; ${advice(roomChars)}`,
    );
  }
  // Bodies with messages have a limit of their own.
  if (roomChars > bodyBytes - FRAME_ENVELOPE_BYTES) {
    problems.push(
      `LIMIT_BODY_BYTES: expected a body to have room for a title of ${roomTitleChars} and a topic of ${roomTopicChars} characters; got "${bodyBytes}"; set LIMIT_BODY_BYTES to ${roomChars + FRAME_ENVELOPE_BYTES} or more`,
    );
  }
  return { messageChars: Math.min(messageChars, capacity) };
}

/** Refuses a limit for one user or address that is above the limit for all, where both are given: it would never apply. */
function checkConnectionLimits(values: Values, given: ReadonlySet<string>, problems: string[]): void {
  const { connectionsPerUser, webSockets, httpConnectionsPerAddress, httpConnections } = values;
  const check = (name: string, part: number | null, total: number | null, totalName: string) => {
    if (part === null || total === null || part <= total || !given.has(name)) return;
    problems.push(
      `${name}: expected at most ${total} with ${totalName}=${total}, which all share; got "${part}"; set ${totalName} to ${part} or more`,
    );
  };
  check("LIMIT_CONNECTIONS_PER_USER", connectionsPerUser, webSockets, "LIMIT_WEBSOCKETS");
  check("LIMIT_HTTP_CONNECTIONS_PER_ADDRESS", httpConnectionsPerAddress, httpConnections, "LIMIT_HTTP_CONNECTIONS");
}

function assemble(values: Values, cwd: string, problems: string[], given: ReadonlySet<string>): Config {
  const dataDir = resolve(cwd, values.dataDir);
  checkConnectionLimits(values, given, problems);
  const limits: Limits = {
    // Limits without a variable keep the protocol's defaults; some of them bound the cost of a request.
    ...LIMITS,
    ...checkFrameLimits(values, given, problems),
    frameBytes: values.frameBytes,
    commandsPerSecond: values.commandsPerSecond,
    connectionsPerUser: values.connectionsPerUser,
    roomsPerConnection: values.roomsPerConnection,
    historyPage: values.historyPage,
    resumeEvents: values.resumeEvents,
    roomTitleChars: values.roomTitleChars,
    roomTopicChars: values.roomTopicChars,
    fileBytes: values.fileBytes,
    filesPerMessage: values.filesPerMessage,
    usernameChars: values.usernameChars,
    passwordMinChars: values.passwordMinChars,
  };
  return {
    port: values.port,
    host: values.host,
    dataDir,
    databaseFile:
      values.database !== null && "file" in values.database
        ? resolve(cwd, values.database.file)
        : resolve(dataDir, "multichat.db"),
    postgresUrl: values.database !== null && "url" in values.database ? values.database.url : null,
    filesDir: values.filesDir === null ? resolve(dataDir, "files") : resolve(cwd, values.filesDir),
    fileQuotas: { perUser: values.fileBytesPerUser, total: values.fileBytesTotal },
    redisUrl: values.redisUrl,
    redisPrefix: values.redisPrefix,
    redisEncryptionKeys: values.redisEncryptionKeys,
    publicUrl: values.publicUrl,
    allowedOrigins: values.allowedOrigins,
    allowedOriginsCredentials: values.allowedOriginsCredentials,
    trustProxy: values.trustProxy,
    firstAdministrator: checkAdministrator(values, limits, problems),
    notifyOnEnterOrLeave: values.notifyOnEnterOrLeave,
    largeRoomUsers: values.largeRoomUsers,
    logLevel: values.logLevel,
    logFormat: values.logFormat,
    metricsToken: values.metricsToken,
    metricsAccess: values.metricsAccess,
    securityContacts: values.securityContacts,
    limits,
    signInPerMinute: values.signInPerMinute,
    requestsPerMinute: values.requestsPerMinute,
    bodyBytes: values.bodyBytes,
    connections: {
      webSockets: values.webSockets,
      http: values.httpConnections,
      httpPerAddress: values.httpConnectionsPerAddress,
    },
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
