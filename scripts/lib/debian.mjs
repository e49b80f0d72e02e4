// What the tests need beside npm packages, where it is found, and how it is got.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathWithoutLocalBin, ScriptError } from "./machine.mjs";
import { run } from "./progress.mjs";

/** Debian's own Python: its packages are invisible to any other that stands first in the path. */
const PYTHON = "/usr/bin/python3";

/** Where systems keep one. */
const EMOJI_FONTS = [
  "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",
  "/usr/share/fonts/noto/NotoColorEmoji.ttf",
  "/usr/share/fonts/google-noto-color-emoji-fonts/NotoColorEmoji.ttf",
  "/System/Library/Fonts/Apple Color Emoji.ttc",
];

const PYTHON_NEED = "Python with channels_redis, channels and daphne";

/** @typedef {{ name: string, packages: string[], why: string, find: () => string | undefined }} Need */

/** @type {readonly Need[]} */
const NEEDS = [
  {
    name: "Chromium",
    packages: ["chromium"],
    why: "for the browser tests",
    find: () => firstOnPath(["chromium", "chromium-browser", "google-chrome"]),
  },
  {
    name: "A font with emoji",
    packages: ["fonts-noto-color-emoji"],
    why: "for what the browser tests and the screenshots show",
    find: () => EMOJI_FONTS.find((file) => existsSync(file)),
  },
  {
    name: "OpenSSL",
    packages: ["openssl"],
    why: "to make certificates for Redis over TLS",
    find: () => firstOnPath(["openssl"]),
  },
  { name: "Redis", packages: ["redis-server"], why: "for the Redis layers", find: () => firstOnPath(["redis-server"]) },
  {
    name: "PostgreSQL",
    packages: ["postgresql-15"],
    why: "for the store on Postgres",
    find: () => postgresBin() ?? undefined,
  },
  {
    name: PYTHON_NEED,
    packages: ["python3-channels-redis", "python3-django-channels", "python3-cryptography", "daphne"],
    why: "to share groups with Django",
    find: () => {
      for (const python of [process.env.MULTICHAT_TEST_PYTHON, PYTHON, "python3"]) {
        if (python === undefined) continue;
        const tried = spawnSync(python, ["-c", "import channels, channels_redis, cryptography, daphne"], {
          stdio: "ignore",
        });
        if (tried.status === 0) return python;
      }
      return undefined;
    },
  },
  {
    name: "Docker Compose",
    packages: ["docker-compose"],
    why: "to read docker-compose.yml (no engine is needed)",
    find: () => {
      const docker = firstOnPath(["docker"]);
      if (docker !== undefined && spawnSync(docker, ["compose", "version"], { stdio: "ignore" }).status === 0)
        return docker;
      return firstOnPath(["docker-compose"]);
    },
  },
];

/** Folder of initdb and postgres, which Debian keeps off the path. */
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
 * Finds all of it, installing what is missing where this process may (Debian and its kin, as root).
 * @returns {Promise<{ chromium: string, redis: string, postgres: string, python: string, installed: string[] }>}
 */
export async function findOrInstall() {
  const missing = NEEDS.filter((need) => need.find() === undefined);
  const packages = missing.flatMap((need) => need.packages);
  if (packages.length > 0) {
    const wanted = missing.map((need) => `${need.name}, ${need.why}`);
    if (firstOnPath(["apt-get"]) === undefined) {
      throw new ScriptError("The tests need programs that are not installed:", [
        ...wanted,
        "Install them with your system's package manager (on macOS: brew install redis postgresql chromium;",
        "pip install channels channels_redis daphne) and run this again.",
      ]);
    }
    const byHand = `apt-get update && apt-get install -y --no-install-recommends ${packages.join(" ")}`;
    if (process.getuid?.() !== 0) {
      throw new ScriptError("The tests need programs that are not installed, and only root may install them:", [
        ...wanted,
        `Run: sudo sh -c '${byHand}'`,
      ]);
    }
    const advice = [`Install by hand, then run this again: ${byHand}`];
    // Debian would start the services that it installs; the tests start their own and touch no other.
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
    await run("apt-update", "apt-get", ["update"], { env, advice });
    await run("apt-install", "apt-get", ["install", "-y", "--no-install-recommends", ...packages], { env, advice });
  }
  const found = NEEDS.map((need) => need.find());
  const absent = NEEDS.filter((_, place) => found[place] === undefined);
  if (absent.length > 0) {
    throw new ScriptError(`Still missing after the installation: ${absent.map((need) => need.name).join(", ")}.`);
  }
  const at = (/** @type {string} */ name) => found[NEEDS.findIndex((need) => need.name === name)] ?? "";
  return {
    chromium: at("Chromium"),
    redis: at("Redis"),
    postgres: at("PostgreSQL"),
    python: at(PYTHON_NEED),
    installed: packages,
  };
}
