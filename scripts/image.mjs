// Checks the image without a container engine: reads the Dockerfile, runs exactly its steps in a clean folder (each stage
// a folder of its own, with only the files that .dockerignore lets through), starts what the image would start, and asks
// its health check. Lints the Dockerfile and has Compose read docker-compose.yml.
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { commandWords, readDockerfile, readDockerignore } from "./lib/dockerfile.mjs";
import { findNode, pathWithoutLocalBin, ROOT, ScriptError } from "./lib/machine.mjs";
import { reportFailure, run } from "./lib/progress.mjs";

/** The image's folders that steps may name by their absolute path; here each lies below its stage's folder. */
const IMAGE_FOLDERS = ["/app", "/data"];
const READY_MS = 30_000;
const STOP_MS = 15_000;

/** @typedef {{ folder: string, workdir: string, env: Record<string, string>, entrypoint: string[], cmd: string[], health: string[] }} Built */

/** Words as the image knows them, for a stage's folder here. @param {string} text @param {Built} stage */
function here(text, stage) {
  return text.replace(
    new RegExp(`(^|[\\s"'=:])(${IMAGE_FOLDERS.join("|")})(?=$|[\\s"'/])`, "g"),
    (_, before, path) => `${before}${stage.folder}${path}`,
  );
}

/** @param {string} context @param {(path: string) => boolean} sees @param {string} at @returns {string[]} */
function visible(context, sees, at = "") {
  return readdirSync(join(context, at), { withFileTypes: true }).flatMap((entry) => {
    const path = at === "" ? entry.name : `${at}/${entry.name}`;
    if (entry.name === "node_modules" || entry.name === ".git") return [];
    if (entry.isDirectory()) return visible(context, sees, path);
    return sees(path) ? [path] : [];
  });
}

/** @param {string} text @param {Built} stage @param {string} context @param {Map<string, Built>} built */
function copy(text, stage, context, built) {
  const words = text.split(/\s+/);
  const flags = words.filter((word) => word.startsWith("--"));
  const paths = words.filter((word) => !word.startsWith("--"));
  const from = flags.find((flag) => flag.startsWith("--from="))?.slice("--from=".length);
  const source = from === undefined ? context : built.get(from)?.folder;
  if (source === undefined) throw new ScriptError(`COPY --from=${from}: there is no such stage before it.`);
  const target = paths.pop() ?? "";
  const into = target.startsWith("/") ? join(stage.folder, target) : join(stage.workdir, target);
  for (const path of paths) {
    const origin = join(source, path);
    if (!existsSync(origin)) throw new ScriptError(`COPY ${path}: it is not there, or .dockerignore hides it.`);
    const asFolder = statSync(origin).isDirectory();
    const goal = asFolder || !target.endsWith("/") ? into : join(into, path.split("/").at(-1) ?? "");
    mkdirSync(dirname(goal), { recursive: true });
    cpSync(origin, goal, { recursive: true, verbatimSymlinks: true });
  }
}

/** @param {import("./lib/dockerfile.mjs").Stage} stage @param {string} folder @param {string} context @param {Map<string, Built>} built @param {string} path */
async function buildStage(stage, folder, context, built, path) {
  /** @type {Built} */
  const made = { folder, workdir: folder, env: {}, entrypoint: [], cmd: [], health: [] };
  for (const { name, text, line } of stage.instructions) {
    const env = { ...bareEnv(path), ...made.env };
    if (name === "WORKDIR") {
      made.workdir = join(folder, text);
      mkdirSync(made.workdir, { recursive: true });
    } else if (name === "COPY") copy(text, made, context, built);
    else if (name === "ENV") {
      for (const [, key = "", value = ""] of text.matchAll(/(\w+)=(\S+)/g)) made.env[key] = here(value, made);
    } else if (name === "RUN") {
      await run(`image-line-${line}`, "/bin/sh", ["-c", here(text, made)], { cwd: made.workdir, env });
    } else if (name === "ENTRYPOINT") made.entrypoint = commandWords(text);
    else if (name === "CMD") made.cmd = commandWords(text);
    else if (name === "HEALTHCHECK") made.health = commandWords(text.replace(/^(--\S+\s+)*CMD\s+/, ""));
  }
  return made;
}

/** What a container has of the environment, and what this machine needs to reach the registry. @param {string} path */
function bareEnv(path) {
  /** @type {Record<string, string>} */
  const env = { PATH: path, HOME: process.env.HOME ?? tmpdir() };
  for (const [name, value] of Object.entries(process.env)) {
    if (/^(npm_config_(registry|cafile|.*proxy)|(https?|no)_proxy|NODE_EXTRA_CA_CERTS)$/i.test(name) && value)
      env[name] = value;
  }
  return env;
}

/** Serves what the image would serve, asks its health check, stops it as Docker would. @param {Built} image @param {string} path */
async function serve(image, path) {
  const env = { ...bareEnv(path), ...image.env, PORT: String(await sparePort()), HOST: "127.0.0.1" };
  const [program = "", ...args] = [...image.entrypoint, ...image.cmd];
  const server = spawn(program, args, { cwd: image.workdir, env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [server.stdout, server.stderr]) stream.on("data", (text) => (said += text));
  const ended = new Promise((resolve) => server.on("exit", (code, signal) => resolve(code ?? signal)));
  try {
    const [check = "", ...checkArgs] = image.health;
    if (check === "") throw new ScriptError("The Dockerfile has no HEALTHCHECK.");
    const deadline = Date.now() + READY_MS;
    while (spawnSync(check, checkArgs, { cwd: image.workdir, env, stdio: "ignore" }).status !== 0) {
      if (server.exitCode !== null || Date.now() > deadline)
        throw new ScriptError("The image's server did not become healthy. It said:", said.split("\n"));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await run("image-cli", program, [...image.entrypoint.slice(1), "--help"], { cwd: image.workdir, env });
    server.kill("SIGTERM");
    const late = setTimeout(() => server.kill("SIGKILL"), STOP_MS);
    const code = await ended;
    clearTimeout(late);
    if (code !== 0)
      throw new ScriptError(
        `The image's server ended with ${code} after SIGTERM instead of 0. It said:`,
        said.split("\n"),
      );
  } finally {
    server.kill("SIGKILL");
  }
}

/** @returns {Promise<number>} */
function sparePort() {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

async function lint() {
  const output = await run("dockerfilelint", "node", [
    join(ROOT, "node_modules/dockerfilelint/bin/dockerfilelint"),
    join(ROOT, "Dockerfile"),
  ]);
  if (!/Issues: None found/.test(output)) throw new ScriptError("dockerfilelint:", output.split("\n"));
  const compose =
    spawnSync("docker", ["compose", "version"], { stdio: "ignore" }).status === 0
      ? ["docker", "compose"]
      : ["docker-compose"];
  const [program = "", ...args] = [...compose, "-f", join(ROOT, "docker-compose.yml"), "config", "--quiet"];
  await run("compose", program, args, {
    env: { PATH: process.env.PATH },
    advice: ["Docker Compose is missing or refuses docker-compose.yml."],
  });
}

const folder = mkdtempSync(join(tmpdir(), "multichat-image-"));
try {
  await lint();
  const context = join(folder, "context");
  const files = visible(ROOT, readDockerignore(readFileSync(join(ROOT, ".dockerignore"), "utf8")));
  for (const file of files) {
    mkdirSync(dirname(join(context, file)), { recursive: true });
    cpSync(join(ROOT, file), join(context, file));
  }
  const node = findNode();
  if (node === undefined) throw new ScriptError("There is no Node for the image's steps; run npm start once.");
  // The image's own Node stands in the path; of this clone's tools there is none.
  const bin = join(folder, "bin");
  mkdirSync(bin);
  cpSync(node.pinned ? join(ROOT, "node_modules/node/bin/node") : process.execPath, join(bin, "node"));
  const path = `${bin}:${pathWithoutLocalBin()}`;

  /** @type {Map<string, Built>} */
  const built = new Map();
  const stages = readDockerfile(readFileSync(join(ROOT, "Dockerfile"), "utf8"));
  for (const [place, stage] of stages.entries()) {
    const name = stage.name ?? String(place);
    mkdirSync(join(folder, name));
    built.set(name, await buildStage(stage, join(folder, name), context, built, path));
  }
  const image = [...built.values()].at(-1);
  if (image === undefined) throw new ScriptError("The Dockerfile has no stage.");
  await serve(image, path);
  const megabytes = Number(spawnSync("du", ["-sm", image.folder], { encoding: "utf8" }).stdout.split("\t")[0]);
  console.log(
    `${stages.length} stages from ${files.length} files, healthy, ended cleanly, ${megabytes} MB beside Node itself`,
  );
} catch (failure) {
  reportFailure(failure);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
