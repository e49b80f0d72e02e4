import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { LIMITS, type Limits } from "@multichat/protocol";
import { makeSchemas } from "@multichat/protocol/schemas";
import { InvalidValue } from "./value-readers.ts";
import { CONFIG_FILE, CONFIG_PATH_VARIABLE, VARIABLES, type Variable, type Variables } from "./variables.ts";

/** What a server runs by: read once at start, checked whole, then frozen through and through. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Absolute. */
  readonly dataDir: string;
  /** The SQLite file, absolute. */
  readonly databaseFile: string;
  /** Null: one process, an in-memory layer. */
  readonly redisUrl: string | null;
  /** In front of everything that this chat has on its Redis. */
  readonly redisPrefix: string;
  /** An origin, without a slash at its end. Null: whatever host a request names. */
  readonly publicUrl: string | null;
  /** Origins besides the server's own. */
  readonly allowedOrigins: readonly string[];
  /** How many proxies to believe, or which. */
  readonly trustProxy: number | readonly string[];
  readonly firstAdministrator: { readonly username: string; readonly password: string } | null;
  readonly notifyOnEnterOrLeave: boolean;
  readonly logLevel: ReturnType<Variables["logLevel"]["read"]>;
  readonly logFormat: ReturnType<Variables["logFormat"]["read"]>;
  readonly metricsToken: string | null;
  readonly limits: Limits;
  readonly signInPerMinute: number;
  readonly requestsPerMinute: number;
  readonly bodyBytes: number;
}

/** The configuration is wrong: every problem at once, each naming its variable. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`The configuration is not right:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
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
 * Reads the environment, then the configuration file, then the defaults; the first that has a variable wins.
 * @throws ConfigError with all problems.
 */
export function loadConfig({ env = process.env, cwd = process.cwd() }: ConfigSources = {}): Config {
  const problems: string[] = [];
  const file = readConfigFile(env, cwd, problems);
  const values = readVariables((variable) => lookUp(variable, env, file, cwd, problems), problems);
  const config = assemble(values, cwd, problems);
  if (problems.length > 0) throw new ConfigError(problems);
  return deepFreeze(config);
}

type Values = {
  [K in keyof Variables]: ReturnType<Variables[K]["read"]> | (null extends Variables[K]["default"] ? null : never);
};

interface Found {
  readonly text: string;
  readonly from: string;
}

interface ConfigFile {
  readonly path: string;
  readonly entries: Readonly<Record<string, unknown>>;
}

function readConfigFile(env: ConfigSources["env"] & object, cwd: string, problems: string[]): ConfigFile | null {
  const named = env[CONFIG_PATH_VARIABLE];
  const path = resolve(cwd, named || CONFIG_FILE);
  let content: string;
  try {
    content = readFileSync(path, "utf8");
  } catch (error) {
    if (!named && (error as NodeJS.ErrnoException).code === "ENOENT") return null;
    problems.push(
      `${named ? CONFIG_PATH_VARIABLE : CONFIG_FILE}: expected a file that can be read at ${path}: ${said(error)}`,
    );
    return null;
  }
  let entries: unknown;
  try {
    entries = JSON.parse(content);
  } catch (error) {
    problems.push(`${path}: expected JSON: ${said(error)}`);
    return null;
  }
  if (typeof entries !== "object" || entries === null || Array.isArray(entries)) {
    problems.push(`${path}: expected an object of variables, such as { "PORT": 8000 }`);
    return null;
  }
  const known = new Set(Object.values(VARIABLES).map((variable) => variable.name));
  for (const name of Object.keys(entries)) {
    if (!known.has(name) && name !== "$schema") problems.push(`${name}: there is no such variable (in ${path})`);
  }
  return { path, entries: entries as Record<string, unknown> };
}

function lookUp(
  variable: Variable<unknown>,
  env: ConfigSources["env"] & object,
  file: ConfigFile | null,
  cwd: string,
  problems: string[],
): Found | null {
  const direct = env[variable.name];
  const pathVariable = `${variable.name}_FILE`;
  const path = variable.secret ? env[pathVariable] : undefined;
  if (direct && path) {
    problems.push(`${variable.name}: expected either ${variable.name} or ${pathVariable}, got both`);
    return null;
  }
  // Empty is unset: how compose files and service managers write "nothing here".
  if (direct) return { text: direct, from: "the environment" };
  if (path) {
    try {
      return { text: readFileSync(resolve(cwd, path), "utf8").replace(/\r?\n$/, ""), from: pathVariable };
    } catch (error) {
      problems.push(`${pathVariable}: expected a file that can be read: ${said(error)}`);
      return null;
    }
  }
  const entry = file?.entries[variable.name];
  if (file === null || entry === undefined || entry === null) return null;
  const text = textOf(entry);
  if (text === null) {
    problems.push(`${variable.name}: expected a text, number, true/false or a list of texts (in ${file.path})`);
    return null;
  }
  return { text, from: file.path };
}

function textOf(entry: unknown): string | null {
  if (typeof entry === "string") return entry;
  if (typeof entry === "number" || typeof entry === "boolean") return String(entry);
  if (Array.isArray(entry) && entry.every((item) => typeof item === "string")) return entry.join(",");
  return null;
}

/** A variable that cannot be read has its default, so that every other check still runs and tells its problems too. */
function readVariables(find: (variable: Variable<unknown>) => Found | null, problems: string[]): Values {
  const values: Record<string, unknown> = {};
  for (const [key, variable] of Object.entries<Variable<unknown>>(VARIABLES)) {
    values[key] = variable.default === null ? null : variable.read(variable.default);
    const found = find(variable);
    if (found === null) continue;
    try {
      values[key] = variable.read(found.text);
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      const came = variable.secret ? `something else (${found.text.length} characters)` : JSON.stringify(found.text);
      problems.push(`${variable.name}: expected ${error.message}; got ${came} from ${found.from}`);
    }
  }
  // Every key of the table was read by its own reader: the mapped type says the same.
  return values as Values;
}

/** Both or neither; a name and a password that an account can have, by this server's own limits. */
function checkAdministrator(values: Values, limits: Limits, problems: string[]): Config["firstAdministrator"] {
  const { adminUsername: username, adminPassword: password } = values;
  if (username === null && password === null) return null;
  if (username === null || password === null) {
    const [there, missing] =
      username === null ? ["ADMIN_PASSWORD", "ADMIN_USERNAME"] : ["ADMIN_USERNAME", "ADMIN_PASSWORD"];
    problems.push(`${missing}: expected it beside ${there}: the first administrator needs both`);
    return null;
  }
  const { fields } = makeSchemas(limits);
  const name = fields.username.safeParse(username);
  const word = fields.password.safeParse(password);
  if (!name.success) problems.push(`ADMIN_USERNAME: ${name.error.issues[0]?.message}; got ${JSON.stringify(username)}`);
  if (!word.success) problems.push(`ADMIN_PASSWORD: ${word.error.issues[0]?.message}; got ${password.length}`);
  return { username, password };
}

function assemble(values: Values, cwd: string, problems: string[]): Config {
  const dataDir = resolve(cwd, values.dataDir);
  const limits: Limits = {
    // What is not to be set has the protocol's own numbers; some bound what one request costs.
    ...LIMITS,
    messageChars: values.messageChars,
    frameBytes: values.frameBytes,
    commandsPerSecond: values.commandsPerSecond,
    connectionsPerUser: values.connectionsPerUser,
    roomsPerConnection: values.roomsPerConnection,
    historyPage: values.historyPage,
    resumeEvents: values.resumeEvents,
    roomTitleChars: values.roomTitleChars,
    roomTopicChars: values.roomTopicChars,
    usernameChars: values.usernameChars,
    passwordMinChars: values.passwordMinChars,
  };
  return {
    port: values.port,
    host: values.host,
    dataDir,
    databaseFile: values.database === null ? resolve(dataDir, "multichat.db") : resolve(cwd, values.database),
    redisUrl: values.redisUrl,
    redisPrefix: values.redisPrefix,
    publicUrl: values.publicUrl,
    allowedOrigins: values.allowedOrigins,
    trustProxy: values.trustProxy,
    firstAdministrator: checkAdministrator(values, limits, problems),
    notifyOnEnterOrLeave: values.notifyOnEnterOrLeave,
    logLevel: values.logLevel,
    logFormat: values.logFormat,
    metricsToken: values.metricsToken,
    limits,
    signInPerMinute: values.signInPerMinute,
    requestsPerMinute: values.requestsPerMinute,
    bodyBytes: values.bodyBytes,
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
