// Checks the image without a container engine: runs the Dockerfile's own steps in a clean folder (a folder for each stage,
// with only the files that .dockerignore lets through), starts what the image would start, and runs its health check. Lints
// the Dockerfile and lets Compose read docker-compose.yml.
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readWords } from "./lib/arguments.mjs";
import { copyBuild } from "./lib/build.mjs";
import { freePort } from "./lib/free-port.mjs";
import { findNode, pathWithoutLocalBin, ROOT, ScriptError } from "./lib/machine.mjs";
import { findOpenServices, findRedisProblems } from "./lib/packaging/compose.mjs";
import { commandWords, readDockerfile, readDockerignore } from "./lib/packaging/dockerfile.mjs";
import { reportFailure, run } from "./lib/progress.mjs";

readWords(`node scripts/image.mjs

Checks the Dockerfile and the Compose files without a container engine: lints them, runs the Dockerfile's steps in a
temporary folder, starts what the image would start, runs its health check and stops it. The same as:

  npm test -- --only image`);

/** Absolute paths of the image that steps may name; each is below its stage's folder here. */
const IMAGE_FOLDERS = ["/app", "/data"];
/** These bounds only catch a hang, however busy the machine is. */
const READY_TIMEOUT_MS = 300_000;
const STOP_TIMEOUT_MS = 120_000;
/** What a container does not get from its environment but this machine needs to reach the registry. */
const REGISTRY_VARIABLES = /^(npm_config_(registry|cafile|.*proxy)|(https?|no)_proxy|NODE_EXTRA_CA_CERTS)$/i;

/** @typedef {{ folder: string, workdir: string, env: Record<string, string>, entrypoint: string[], cmd: string[], health: string[] }} BuiltStage */

/** Replaces the image's absolute paths with those below the stage's folder. @param {string} text @param {BuiltStage} stage */
function relocatePaths(text, stage) {
  return text.replace(
    new RegExp(`(^|[\\s"'=:])(${IMAGE_FOLDERS.join("|")})(?=$|[\\s"'/])`, "g"),
    (_, before, path) => `${before}${stage.folder}${path}`,
  );
}

/** Lists the files that a build may see. @param {(path: string) => boolean} isVisible @param {string} folder @returns {string[]} */
function listContext(isVisible, folder = "") {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.name === "node_modules" || entry.name === ".git") return [];
    if (entry.isDirectory()) return listContext(isVisible, path);
    return isVisible(path) ? [path] : [];
  });
}

/** @param {string} text @param {BuiltStage} stage @param {string} context @param {Map<string, BuiltStage>} built */
function copyFiles(text, stage, context, built) {
  const words = text.split(/\s+/);
  const from = words.find((word) => word.startsWith("--from="))?.slice("--from=".length);
  const paths = words.filter((word) => !word.startsWith("--"));
  const source = from === undefined ? context : built.get(from)?.folder;
  if (source === undefined) throw new ScriptError(`COPY --from=${from}: there is no such stage before it.`);
  const target = paths.pop() ?? "";
  const into = target.startsWith("/") ? join(stage.folder, target) : join(stage.workdir, target);
  for (const path of paths) {
    const origin = join(source, path);
    if (!existsSync(origin)) throw new ScriptError(`COPY ${path}: it does not exist, or .dockerignore hides it.`);
    const isFolder = statSync(origin).isDirectory();
    const destination = isFolder || !target.endsWith("/") ? into : join(into, path.split("/").at(-1) ?? "");
    mkdirSync(dirname(destination), { recursive: true });
    cpSync(origin, destination, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  }
}

/** @param {import("./lib/packaging/dockerfile.mjs").Stage} stage @param {string} folder @param {string} context @param {Map<string, BuiltStage>} built @param {string} path the search path */
async function buildStage(stage, folder, context, built, path) {
  /** @type {BuiltStage} */
  const result = { folder, workdir: folder, env: {}, entrypoint: [], cmd: [], health: [] };
  for (const { name, text, line } of stage.instructions) {
    if (name === "WORKDIR") {
      result.workdir = join(folder, text);
      mkdirSync(result.workdir, { recursive: true });
    } else if (name === "COPY") {
      copyFiles(text, result, context, built);
      // The build step of this run has built the same sources; scripts/build.mjs builds whatever differs.
      if (text === ". .") copyBuild(result.workdir);
    } else if (name === "ENV") {
      for (const [, key = "", value = ""] of text.matchAll(/(\w+)=(\S+)/g))
        result.env[key] = relocatePaths(value, result);
    } else if (name === "RUN") {
      const env = { ...containerEnv(path), npm_config_prefer_offline: "true", ...result.env };
      await run(`image-line-${line}`, "/bin/sh", ["-c", relocatePaths(text, result)], { cwd: result.workdir, env });
    } else if (name === "ENTRYPOINT") result.entrypoint = commandWords(text);
    else if (name === "CMD") result.cmd = commandWords(text);
    else if (name === "HEALTHCHECK") result.health = commandWords(text.replace(/^(--\S+\s+)*CMD\s+/, ""));
  }
  return result;
}

/** @param {string} path the search path */
function containerEnv(path) {
  /** @type {Record<string, string>} */
  const env = { PATH: path, HOME: process.env.HOME ?? tmpdir() };
  for (const [name, value] of Object.entries(process.env))
    if (REGISTRY_VARIABLES.test(name) && value) env[name] = value;
  return env;
}

/** Serves what the image would serve, runs its health check, and stops it as Docker does. @param {BuiltStage} image @param {string} path the search path */
async function serve(image, path) {
  const env = { ...containerEnv(path), ...image.env, PORT: String(await freePort()), HOST: "127.0.0.1" };
  const [program = "", ...args] = [...image.entrypoint, ...image.cmd];
  const server = spawn(program, args, { cwd: image.workdir, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [server.stdout, server.stderr]) stream.on("data", (text) => (output += text));
  const ended = new Promise((resolve) => server.on("exit", (code, signal) => resolve(code ?? signal)));
  try {
    const [check = "", ...checkArgs] = image.health;
    if (check === "") throw new ScriptError("The Dockerfile has no HEALTHCHECK.");
    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (spawnSync(check, checkArgs, { cwd: image.workdir, env, stdio: "ignore" }).status !== 0) {
      if (server.exitCode !== null || Date.now() > deadline) {
        throw new ScriptError("The image's server did not become healthy. Its output:", output.split("\n"));
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await run("image-cli", program, [...image.entrypoint.slice(1), "--help"], { cwd: image.workdir, env });
    server.kill("SIGTERM");
    const timer = setTimeout(() => server.kill("SIGKILL"), STOP_TIMEOUT_MS);
    const code = await ended;
    clearTimeout(timer);
    if (code !== 0) {
      throw new ScriptError(
        `Expected the image's server to exit with 0 after SIGTERM, got ${code}. Its output:`,
        output.split("\n"),
      );
    }
  } finally {
    server.kill("SIGKILL");
  }
}

async function lint() {
  const output = await run("dockerfilelint", "node", [
    join(ROOT, "node_modules/dockerfilelint/bin/dockerfilelint"),
    join(ROOT, "Dockerfile"),
  ]);
  if (!/Issues: None found/.test(output)) throw new ScriptError("dockerfilelint:", output.split("\n"));
  const hasPlugin = spawnSync("docker", ["compose", "version"], { stdio: "ignore" }).status === 0;
  const compose = hasPlugin ? ["docker", "compose"] : ["docker-compose"];
  const [program = "", ...args] = compose;
  /** @param {readonly string[]} files */
  const readConfig = async (...files) => {
    const secrets = { REDIS_PASSWORD: "letters", POSTGRES_PASSWORD: "letters", CHAT_DOMAIN: "chat.example.org" };
    const env = { PATH: process.env.PATH, ...secrets };
    const fileArgs = files.flatMap((file) => ["-f", join(ROOT, file)]);
    const advice = [`Docker Compose is missing or refuses ${files.join(" with ")}.`];
    return await run(`compose-${files.join("-")}`, program, [...args, ...fileArgs, "config"], { env, advice });
  };
  await readConfig("docker-compose.yml");
  const problems = findRedisProblems(await readConfig("docker-compose.yml", "docker-compose.redis.yml"));
  if (problems.length > 0) throw new ScriptError("docker-compose.redis.yml:", problems);
  const cluster = await readConfig("docker-compose.cluster.yml");
  const found = [...findRedisProblems(cluster), ...findOpenServices(cluster, ["caddy"])];
  if (found.length > 0) throw new ScriptError("docker-compose.cluster.yml:", found);
}

/** Makes a search path that holds the image's own Node and none of this clone's tools. @param {string} bin a new folder */
function containerPath(bin) {
  const node = findNode();
  if (node === undefined) throw new ScriptError("There is no Node for the image's steps; run npm start once.");
  mkdirSync(bin);
  cpSync(node.pinned ? join(ROOT, "node_modules/node/bin/node") : process.execPath, join(bin, "node"));
  return `${bin}:${pathWithoutLocalBin()}`;
}

const folder = mkdtempSync(join(tmpdir(), "multichat-image-"));
try {
  await lint();
  const context = join(folder, "context");
  const files = listContext(readDockerignore(readFileSync(join(ROOT, ".dockerignore"), "utf8")));
  for (const file of files) {
    mkdirSync(dirname(join(context, file)), { recursive: true });
    cpSync(join(ROOT, file), join(context, file), { preserveTimestamps: true });
  }
  const path = containerPath(join(folder, "bin"));

  /** @type {Map<string, BuiltStage>} */
  const built = new Map();
  const stages = readDockerfile(readFileSync(join(ROOT, "Dockerfile"), "utf8"));
  for (const [index, stage] of stages.entries()) {
    const name = stage.name ?? String(index);
    mkdirSync(join(folder, name));
    built.set(name, await buildStage(stage, join(folder, name), context, built, path));
  }
  const image = [...built.values()].at(-1);
  if (image === undefined) throw new ScriptError("The Dockerfile has no stage.");
  await serve(image, path);
  const megabytes = Number(spawnSync("du", ["-sm", image.folder], { encoding: "utf8" }).stdout.split("\t")[0]);
  console.log(
    `${stages.length} stages from ${files.length} files, healthy, stopped cleanly, ${megabytes} MB besides Node itself`,
  );
} catch (failure) {
  reportFailure(failure);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
