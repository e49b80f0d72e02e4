import { randomUUID } from "node:crypto";
import { access, constants, rm, statfs, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { makeSchemas } from "@multichat/protocol/schemas";
import { OPERATOR } from "../../access/operator.ts";
import { type Config, ConfigError } from "../../config/config.ts";
import { isPlainAndPublic } from "../../config/plain-http.ts";
import { VARIABLES } from "../../config/variables.ts";
import {
  type DatabaseState,
  describeDatabase,
  findMissingFiles,
  inspectDatabase,
  isWebClientBuilt,
  planConnections,
  WEB_DIR,
} from "../../main/offline.ts";
import { isAddressingWord, usernameKey, usernameSkeletons, usernameStem } from "../../people/index.ts";
import { readDescriptors } from "../../process/descriptor-limit.ts";
import { listRooms } from "../../rooms/index.ts";
import type { Terminal } from "../terminal.ts";
import { readConfig } from "../with-chat.ts";

export interface Finding {
  readonly check: string;
  readonly status: "ok" | "warn" | "fail";
  readonly message: string;
  /** How to fix it. */
  readonly advice?: string;
}

const MAX_NAMES_SHOWN = 20;
const MEBIBYTE = 1024 * 1024;
const MIN_FREE_BYTES = 100 * MEBIBYTE;
const LOW_FREE_BYTES = 1024 * MEBIBYTE;

const REDIS_TIMEOUT_MS = 3_000;
const HTTP_TIMEOUT_MS = 3_000;

/** Enough for a few hundred users beside the other files of a server. */
const FEW_DESCRIPTORS = 4_096;
/** Clocks that differ by more give messages misleading times. */
const MAX_CLOCK_DIFFERENCE_MS = 2_000;

/** The maximum bytes of a character in a frame, and of the JSON around a message's body. */
const BYTES_PER_CHARACTER = 4;
const ENVELOPE_BYTES = 512;

/** Yields each finding as soon as it is known. A check that throws is a failed finding. */
export async function* runChecks(terminal: Terminal): AsyncGenerator<Finding> {
  yield ok("node", `${process.version}`);
  let config: Config;
  try {
    config = readConfig(terminal);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // The other checks need a valid configuration.
    for (const problem of error.problems) yield fail("configuration", problem, "see docs/reference/configuration.md");
    return;
  }
  yield ok("configuration", "all variables are valid");
  yield* checkUnknownLimits(terminal);
  yield* checkFrameSize(config);
  const checks: [string, (config: Config, terminal: Terminal) => Promise<Finding> | Finding][] = [
    ["descriptors", checkDescriptors],
    ["data folder", checkDataFolder],
    ["disk", checkDisk],
    ["database", checkDatabase],
    ["files", checkFiles],
    ["clock", checkClock],
    ["people", checkPeople],
    ["names", checkNames],
    ["layer", checkLayer],
    ["port", checkPort],
    ["proxy", checkProxy],
    ["web client", checkWebClient],
  ];
  for (const [name, check] of checks) {
    try {
      yield await check(config, terminal);
    } catch (error) {
      yield fail(name, error instanceof Error ? error.message : String(error));
    }
  }
}

function ok(check: string, message: string): Finding {
  return { check, status: "ok", message };
}

function warning(check: string, message: string, advice: string): Finding {
  return { check, status: "warn", message, advice };
}

function fail(check: string, message: string, advice?: string): Finding {
  return { check, status: "fail", message, ...(advice === undefined ? {} : { advice }) };
}

/** Finds misspelt limits in the environment, which would be ignored; in the configuration file they are an error. */
function* checkUnknownLimits({ env }: Terminal): Generator<Finding> {
  const known = new Set(Object.values(VARIABLES).map(({ name }) => name as string));
  for (const name of Object.keys(env)) {
    if (name.startsWith("LIMIT_") && !known.has(name)) {
      yield warning("configuration", `${name} is not a known variable`, "check its spelling");
    }
  }
}

function* checkFrameSize({ limits }: Config): Generator<Finding> {
  const needed = limits.messageChars * BYTES_PER_CHARACTER + ENVELOPE_BYTES;
  if (limits.frameBytes >= needed) return;
  yield warning(
    "configuration",
    `a message of LIMIT_MESSAGE_CHARS (${limits.messageChars}) may not fit into a frame of LIMIT_FRAME_BYTES (${limits.frameBytes})`,
    `set LIMIT_FRAME_BYTES to ${needed} or more`,
  );
}

/** Those of this process: a service can have another limit. */
function checkDescriptors({ connections }: Config): Finding {
  const descriptors = readDescriptors();
  if (descriptors === undefined) return ok("descriptors", "the system names no limit");
  const { webSockets, http } = planConnections(connections, descriptors);
  const n = (value: number) => value.toLocaleString("en");
  const message = `${n(descriptors.limit)}: ${n(webSockets)} WebSockets and ${n(http)} other HTTP connections`;
  if (descriptors.limit >= FEW_DESCRIPTORS) return ok("descriptors", message);
  return warning("descriptors", message, "raise the limit: `ulimit -n`, or LimitNOFILE= of the service");
}

/** The file of a large database is read once. */
const inspections = new WeakMap<Config, ReturnType<typeof inspectDatabase>>();

function inspect(config: Config): ReturnType<typeof inspectDatabase> {
  const inspection = inspections.get(config) ?? inspectDatabase(config);
  inspections.set(config, inspection);
  return inspection;
}

async function checkClock(config: Config): Promise<Finding> {
  const inspected = await inspect(config);
  if (inspected === undefined) return ok("clock", "nothing to compare it with yet");
  const { clockAheadMs } = inspected;
  if (Math.abs(clockAheadMs) <= MAX_CLOCK_DIFFERENCE_MS) return ok("clock", "as the database's");
  const seconds = (Math.abs(clockAheadMs) / 1_000).toFixed(1);
  const message =
    config.postgresUrl === null
      ? `the last change in the database is ${seconds} s in the future`
      : `${seconds} s ${clockAheadMs > 0 ? "behind" : "ahead of"} the database's`;
  return warning(
    "clock",
    message,
    "let a time service such as systemd-timesyncd or chrony set the clock of every machine",
  );
}

async function checkProxy(config: Config): Promise<Finding> {
  const { publicUrl, trustProxy, host, port } = config;
  const advice = "see docs/operations/reverse-proxy.md";
  if (isPlainAndPublic(config)) {
    return warning("proxy", `passwords travel unencrypted to ${host}:${port}, without a proxy`, advice);
  }
  if (publicUrl === null) return ok("proxy", "none is configured");
  if (publicUrl.startsWith("https:") && trustProxy === 0) {
    return warning(
      "proxy",
      "PUBLIC_URL is that of a proxy, which TRUST_PROXY does not name: all clients seem to have its address",
      "set TRUST_PROXY=true, or to the addresses of the proxies",
    );
  }
  if (!(await isChatRunning(host, port))) return ok("proxy", `${publicUrl}; not checked, because no server runs here`);
  if (await answersAsChat(`${publicUrl}/healthz`)) return ok("proxy", `${publicUrl} leads to a chat server`);
  return warning("proxy", `${publicUrl} does not answer as the server here does`, advice);
}

async function checkDataFolder({ dataDir }: Config): Promise<Finding> {
  const check = "data folder";
  const advice = "give the account that runs the chat write access, or set DATA_DIR to another folder";
  const exists = await access(dataDir).then(
    () => true,
    () => false,
  );
  if (!exists) {
    const parent = await nearestExistingFolder(dataDir);
    const isWritable = await access(parent, constants.W_OK).then(
      () => true,
      () => false,
    );
    return isWritable
      ? ok(check, `${dataDir} does not exist yet; serve creates it`)
      : fail(check, `${dataDir} does not exist, and ${parent} is not writable`, advice);
  }
  const probe = join(dataDir, `.doctor-${randomUUID()}`);
  try {
    await writeFile(probe, "", { mode: 0o600 });
    await rm(probe);
  } catch (error) {
    return fail(check, `${dataDir} is not writable: ${error instanceof Error ? error.message : error}`, advice);
  }
  return ok(check, `${dataDir} is writable`);
}

async function checkDisk({ databaseFile, postgresUrl }: Config): Promise<Finding> {
  if (postgresUrl !== null) return ok("disk", "the disk of the database is PostgreSQL's");
  const { bavail, bsize } = await statfs(await nearestExistingFolder(dirname(databaseFile)));
  const free = bavail * bsize;
  const message = `${Math.floor(free / MEBIBYTE).toLocaleString("en")} MiB free`;
  const advice = "free disk space, or move DATA_DIR to a larger disk";
  if (free < MIN_FREE_BYTES) return fail("disk", message, advice);
  return free < LOW_FREE_BYTES ? warning("disk", message, advice) : ok("disk", message);
}

async function checkDatabase(config: Config): Promise<Finding> {
  const inspected = await inspect(config);
  if (inspected === undefined) {
    const database = describeDatabase(config);
    const missing = config.postgresUrl === null ? `${database} does not exist yet` : `${database} has no tables yet`;
    return ok("database", `${missing}; serve creates ${config.postgresUrl === null ? "it" : "them"}`);
  }
  const { schema, supportedSchema, damage, bytes, unindexed } = inspected;
  if (damage.length > 0) {
    return fail(
      "database",
      `SQLite reports damage: ${damage.join("; ")}`,
      "stop the server and restore a backup with `multichat restore`",
    );
  }
  if (schema > supportedSchema) {
    return fail(
      "database",
      `schema ${schema} is newer than this version, which supports ${supportedSchema}`,
      "run the version that wrote it",
    );
  }
  if (schema < supportedSchema)
    return warning("database", `schema ${schema} of ${supportedSchema}`, "run multichat migrate, or start the server");
  const size = `${Math.ceil(bytes / MEBIBYTE).toLocaleString("en")} MiB`;
  const index =
    unindexed === 0 ? "" : `; ${unindexed.toLocaleString("en")} messages are still to be indexed for search`;
  const health = inspected.version === undefined ? "intact" : `PostgreSQL ${inspected.version} answers`;
  return ok("database", `${health}, schema ${schema}, ${size}${index}`);
}

/** Looks for the content of every file by its size; reading them is for `restore-drill`. */
async function checkFiles(config: Config, { openChat }: Terminal): Promise<Finding> {
  const { filesDir, dataDir, postgresUrl } = config;
  if (!isCurrent(await inspect(config))) return ok("files", "none yet");
  const { context, close } = await openChat(config);
  try {
    const { count, missing } = await findMissingFiles(context, filesDir);
    const n = (value: number) => value.toLocaleString("en");
    if (missing.length > 0) {
      return fail(
        "files",
        `${n(missing.length)} of ${n(count)} are not in ${filesDir}, or have another size: ${missing.slice(0, 3).join(", ")}`,
        "set FILES_DIR to the folder that has them, or restore them from a backup",
      );
    }
    if (count > 0 && postgresUrl !== null && filesDir === join(dataDir, "files")) {
      return warning(
        "files",
        `${n(count)}, in ${filesDir}: servers on other machines do not see this folder`,
        "with one server ignore this; with several machines set FILES_DIR to a file system that they share",
      );
    }
    return ok("files", `${n(count)}, in ${filesDir}`);
  } finally {
    await close();
  }
}

async function checkPeople(config: Config, { openChat }: Terminal): Promise<Finding> {
  if (!isCurrent(await inspect(config))) return noAccounts();
  const { context, close } = await openChat(config);
  try {
    const accounts = await context.accounts.list();
    if (accounts.length === 0) return noAccounts();
    if (accounts.some(({ superuser, active }) => superuser && active))
      return ok("people", `${accounts.length}, with a superuser`);
    return warning("people", `${accounts.length}, none of them an active superuser`, "run multichat createsuperuser");
  } finally {
    await close();
  }
}

/** Opening another database would create or migrate it, which a check must not do. */
function isCurrent(inspected: DatabaseState | undefined): boolean {
  return inspected !== undefined && inspected.schema === inspected.supportedSchema;
}

/** Names of earlier versions that would be refused today: they stay valid, but may mislead. */
async function checkNames(config: Config, { openChat }: Terminal): Promise<Finding> {
  if (!isCurrent(await inspect(config))) return ok("names", "none yet");
  const { context, close } = await openChat(config);
  try {
    const { username, title } = makeSchemas(config.limits).fields;
    const names = (await context.accounts.list()).map((account) => account.username);
    const owners = new Map<string, number>();
    const skeletonsOf = (name: string) => usernameSkeletons(usernameStem(name));
    for (const name of names) {
      for (const skeleton of skeletonsOf(name)) owners.set(skeleton, (owners.get(skeleton) ?? 0) + 1);
    }
    const shared = findSharedNames(names);
    if (shared.length > 0) {
      return fail(
        "names",
        `several accounts have one name: ${listNames(shared)}. Only one of each is found by it; the others sign in with the name exactly as it is shown`,
        "rename the others in the administration",
      );
    }
    const isConfusable = (name: string) => skeletonsOf(name).some((skeleton) => (owners.get(skeleton) ?? 0) > 1);
    const usernames = names.filter(
      (name) => !username.safeParse(name).success || isAddressingWord(name) || isConfusable(name),
    );
    const titles = (await listRooms(context, OPERATOR))
      .filter((room) => room.kind !== "direct" && !title.safeParse(room.title).success)
      .map((room) => `#${room.number} ${room.title}`);
    const misleading = [...usernames, ...titles];
    if (misleading.length === 0) return ok("names", "no username or title is misleading");
    return warning(
      "names",
      `could mislead: ${listNames(misleading)}`,
      "rename them in the administration; until then they stay valid",
    );
  } finally {
    await close();
  }
}

/** Returns the names that became equal when a version changed how names are compared. */
function findSharedNames(names: readonly string[]): readonly string[] {
  const byKey = Map.groupBy(names, usernameKey);
  return [...byKey.values()].filter(({ length }) => length > 1).flat();
}

function listNames(names: readonly string[]): string {
  const shown = names
    .slice(0, MAX_NAMES_SHOWN)
    .map((name) => JSON.stringify(name))
    .join(", ");
  return names.length > MAX_NAMES_SHOWN ? `${shown}, and ${names.length - MAX_NAMES_SHOWN} more` : shown;
}

function noAccounts(): Finding {
  return warning("people", "no accounts yet", "run multichat createsuperuser, or open the setup URL that serve prints");
}

async function checkLayer({ redisUrl, redisPrefix, postgresUrl }: Config): Promise<Finding> {
  if (redisUrl === null) {
    return ok(
      "layer",
      postgresUrl === null ? "in memory: one server process" : "PostgreSQL: one server process or several",
    );
  }
  // Imported here, so that the other commands start without loading the layers.
  const { checkRedis } = await import("../../main/layers.ts");
  await checkRedis(redisUrl, REDIS_TIMEOUT_MS);
  return ok("layer", `Redis answers; prefix ${redisPrefix}`);
}

async function checkPort({ host, port: wanted }: Config): Promise<Finding> {
  const address = `${host}:${wanted}`;
  const error = await tryToListen(host, wanted);
  if (error === undefined) return ok("port", `${address} is free`);
  if (error.code !== "EADDRINUSE") return fail("port", `${address}: ${error.message}`, "change PORT or HOST");
  if (await isChatRunning(host, wanted)) return ok("port", `${address}: a chat server is running there`);
  return fail("port", `${address} is in use by another program`, "stop that program, or set PORT to another port");
}

function tryToListen(host: string, wanted: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", resolve);
    server.listen(wanted, host, () => server.close(() => resolve(undefined)));
  });
}

async function isChatRunning(host: string, port: number): Promise<boolean> {
  const isWildcard = host === "0.0.0.0" || host === "::";
  const name = isWildcard ? "127.0.0.1" : host.includes(":") ? `[${host}]` : host;
  return answersAsChat(`http://${name}:${port}/healthz`);
}

async function answersAsChat(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(HTTP_TIMEOUT_MS) });
    const body: unknown = await response.json();
    return response.ok && typeof body === "object" && body !== null && "status" in body && body.status === "ok";
  } catch {
    return false;
  }
}

function checkWebClient(): Finding {
  if (isWebClientBuilt(WEB_DIR)) return ok("web client", "built");
  return warning("web client", "not built: pages show a note only", "run npm run build");
}

/** Returns the folder, or its nearest parent that exists. */
async function nearestExistingFolder(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    try {
      await access(at);
      return at;
    } catch {
      if (at === dirname(at)) return at;
    }
  }
}
