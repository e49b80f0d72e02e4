// The programs that the tests need besides npm packages: where each is found, and how to install it.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathWithoutLocalBin, ScriptError } from "./machine.mjs";
import { run } from "./progress.mjs";

/** Debian's own Python. Another one that comes first in the path does not see Debian's packages. */
const PYTHON = "/usr/bin/python3";

const EMOJI_FONTS = [
  "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",
  "/usr/share/fonts/noto/NotoColorEmoji.ttf",
  "/usr/share/fonts/google-noto-color-emoji-fonts/NotoColorEmoji.ttf",
  "/System/Library/Fonts/Apple Color Emoji.ttc",
];

const PYTHON_PROGRAM = "Python with channels_redis, channels and daphne";

/** @typedef {{ name: string, packages: string[], purpose: string, find: () => string | undefined }} Program */

/** @type {readonly Program[]} */
const PROGRAMS = [
  {
    name: "Chromium",
    // Without the windows that no test sees: it takes three fifths of the processor time.
    packages: ["chromium-headless-shell"],
    purpose: "for the browser tests",
    find: () => firstOnPath(["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]),
  },
  {
    name: "A font with emoji",
    packages: ["fonts-noto-color-emoji"],
    purpose: "for the browser tests and the screenshots",
    find: () => EMOJI_FONTS.find((file) => existsSync(file)),
  },
  {
    name: "OpenSSL",
    packages: ["openssl"],
    purpose: "to make certificates for Redis over TLS",
    find: () => firstOnPath(["openssl"]),
  },
  {
    name: "Redis",
    packages: ["redis-server"],
    purpose: "for the Redis layers",
    find: () => firstOnPath(["redis-server"]),
  },
  {
    name: "PostgreSQL",
    packages: ["postgresql-15"],
    purpose: "for the store on Postgres",
    find: () => postgresBin() ?? undefined,
  },
  {
    name: PYTHON_PROGRAM,
    packages: ["python3-channels-redis", "python3-django-channels", "python3-cryptography", "daphne"],
    purpose: "to share groups with Django",
    find: () => {
      for (const python of [process.env.MULTICHAT_TEST_PYTHON, PYTHON, "python3"]) {
        if (python === undefined) continue;
        const check = spawnSync(python, ["-c", "import channels, channels_redis, cryptography, daphne"], {
          stdio: "ignore",
        });
        if (check.status === 0) return python;
      }
      return undefined;
    },
  },
  {
    name: "Docker Compose",
    packages: ["docker-compose"],
    purpose: "to read docker-compose.yml (no engine is needed)",
    find: () => {
      const docker = firstOnPath(["docker"]);
      if (docker !== undefined && spawnSync(docker, ["compose", "version"], { stdio: "ignore" }).status === 0)
        return docker;
      return firstOnPath(["docker-compose"]);
    },
  },
];

/** Returns the folder of initdb and postgres, which Debian keeps off the path. */
function postgresBin() {
  const base = "/usr/lib/postgresql";
  const versions = existsSync(base) ? readdirSync(base).sort((a, b) => Number(b) - Number(a)) : [];
  for (const version of versions) {
    if (existsSync(join(base, version, "bin", "initdb"))) return join(base, version, "bin");
  }
  const initdb = firstOnPath(["initdb"]);
  return initdb === undefined ? undefined : join(initdb, "..");
}

/** @param {readonly string[]} names */
function firstOnPath(names) {
  for (const name of names) {
    for (const folder of pathWithoutLocalBin().split(":")) {
      if (folder !== "" && existsSync(join(folder, name))) return join(folder, name);
    }
  }
  return undefined;
}

/**
 * Finds every program and installs the missing ones where this process may: on Debian and its derivatives, as root.
 * @returns {Promise<{ chromium: string, redis: string, postgres: string, python: string, installed: string[] }>}
 */
export async function findOrInstall() {
  const missing = PROGRAMS.filter((program) => program.find() === undefined);
  const packages = missing.flatMap((program) => program.packages);
  if (packages.length > 0) {
    const list = missing.map((program) => `${program.name}, ${program.purpose}`);
    if (firstOnPath(["apt-get"]) === undefined) {
      throw new ScriptError("The tests need programs that are not installed:", [
        ...list,
        "Install them with your system's package manager (on macOS: brew install redis postgresql chromium;",
        "pip install channels channels_redis daphne) and run this again.",
      ]);
    }
    const command = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(" ")}`;
    if (process.getuid?.() !== 0) {
      throw new ScriptError("The tests need programs that are not installed, and only root may install them:", [
        ...list,
        `Run: sudo sh -c '${command}'`,
      ]);
    }
    const advice = [`Run this, then try again: ${command}`];
    // RUNLEVEL keeps Debian from starting the services that it installs; the tests start their own.
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
    await run("apt-update", "apt-get", ["update"], { env, advice });
    await run("apt-install", "apt-get", ["install", "-y", "--no-install-recommends", ...packages], { env, advice });
  }
  const found = PROGRAMS.map((program) => program.find());
  const absent = PROGRAMS.filter((_, index) => found[index] === undefined);
  if (absent.length > 0) {
    throw new ScriptError(`Still missing after the installation: ${absent.map(({ name }) => name).join(", ")}.`);
  }
  const find = (/** @type {string} */ name) => found[PROGRAMS.findIndex((program) => program.name === name)] ?? "";
  return {
    chromium: find("Chromium"),
    redis: find("Redis"),
    postgres: find("PostgreSQL"),
    python: find(PYTHON_PROGRAM),
    installed: packages,
  };
}
