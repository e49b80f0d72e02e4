import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { findOpenServices, findRedisProblems, readServices } from "../lib/packaging/compose.mjs";

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");

const REDIS = `services:
  redis:
    command:
    - sh
    - -c
    - printf 'requirepass %s' "$$REDIS_PASSWORD" > /tmp/redis.conf && exec redis-server /tmp/redis.conf
    environment:
      REDIS_PASSWORD: letters
    image: redis:7-alpine
  web:
    environment:
      REDIS_URL: redis://:letters@redis:6379
    ports:
    - published: 8000
      target: 8000
version: '3.9'
`;

test("reads the services and no other part", () => {
  expect([...readServices(`${REDIS}volumes:\n  data: {}\n`).keys()]).toEqual(["redis", "web"]);
  expect([...readServices(`networks:\n  a: {}\n${REDIS}`).keys()]).toEqual(["redis", "web"]);
});

test("the Redis of the Compose file has a password and no open port", () => {
  expect(findRedisProblems(REDIS)).toEqual([]);
  expect(findRedisProblems(read("docker-compose.redis.yml"))).toEqual([]);
});

describe("a planted violation is found", () => {
  test.each([
    ["no Redis", "services:\n  web:\n    image: x\n"],
    ["no password", REDIS.replace("requirepass %s", "save 60")],
    ["no password in the environment", REDIS.replace("REDIS_PASSWORD: letters", "OTHER: x")],
    ["an empty password", REDIS.replace("REDIS_PASSWORD: letters", "REDIS_PASSWORD: ")],
    ["a published port", REDIS.replace("    image: redis", "    ports:\n    - 6379:6379\n    image: redis")],
    ["the network of the machine", REDIS.replace("    image: redis", "    network_mode: host\n    image: redis")],
    ["a server without the password", REDIS.replace(":letters@", "")],
    ["a server with an empty password", REDIS.replace(":letters@", ":@")],
  ])("%s", (_what, config) => {
    expect(findRedisProblems(config).length).toBeGreaterThan(0);
  });
});

test("only the proxy of the cluster publishes ports, and its Redis has a password", () => {
  const cluster = read("docker-compose.cluster.yml");
  expect([...readServices(cluster).keys()]).toEqual(["first", "second", "caddy", "postgres", "redis"]);
  expect(findRedisProblems(cluster)).toEqual([]);
  expect(findOpenServices(cluster, ["caddy"])).toEqual([]);
  expect(findOpenServices(cluster, [])).toEqual(["caddy: expected no published port"]);
  for (const password of ["POSTGRES_PASSWORD", "REDIS_PASSWORD"])
    expect(cluster).toContain(`\${${password}:?set it in .env`);
});

/** What the page documents, which another test compares with the code: every variable, and those that a file can hold. */
const configuration = read("docs/reference/configuration.md");
const rows = [...configuration.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name = ""]) => name);
const secrets = [...configuration.matchAll(/`([A-Z_]+)_FILE`/g)].map(([, name = ""]) => name);
/** Without what the image sets, and the port in the container. */
const variables = rows.filter((name) => !["HOST", "DATA_DIR", "PORT"].includes(name));
const administrator = ["ADMIN_USERNAME", "ADMIN_PASSWORD"];

/** Returns the names that a part of a Compose file gives to the environment, without the files of secrets. */
const namesIn = (part: string) =>
  [...part.matchAll(/^ +(?:- )?([A-Z_]+)(?:[=:].*)?$/gm)]
    .map(([, name = ""]) => name)
    .filter((name) => !secrets.some((secret) => name === `${secret}_FILE`));

test("the Compose file passes on every variable, and takes every secret from a file", () => {
  const compose = read("docker-compose.yml");
  const web = readServices(compose).get("web") ?? "";
  expect(variables.length).toBeGreaterThan(30);
  expect(namesIn(web.slice(web.indexOf("    environment:")))).toEqual(variables);
  expect(secrets).toContain("DATABASE_URL");
  for (const name of secrets) {
    const secret = name.toLowerCase();
    expect(web).toContain(`- ${name}_FILE=/run/secrets/${secret}\n`);
    expect(web).toMatch(new RegExp(`^ {6}- ${secret}$`, "m"));
    expect(compose).toContain(`${secret}:\n    file: \${${name}_FILE:-/dev/null}`);
  }
});

test("the second server and the worker get the variables and secrets of the first", () => {
  const compose = read("docker-compose.redis.yml");
  const [, shared = ""] = /^x-environment: &environment\n((?: .*\n)+)/m.exec(compose) ?? [];
  const [, files = ""] = /^x-secrets: &secrets\n((?: .*\n)+)/m.exec(compose) ?? [];
  expect(namesIn(shared)).toEqual(variables.filter((name) => !administrator.includes(name)));
  for (const name of secrets.filter((secret) => secret !== "REDIS_URL" && !administrator.includes(secret))) {
    expect(shared).toContain(`- ${name}_FILE=/run/secrets/${name.toLowerCase()}\n`);
    expect(files).toContain(`- ${name.toLowerCase()}\n`);
  }
  for (const name of ["second", "worker"]) {
    expect(readServices(compose).get(name)).toContain("    environment: *environment\n    secrets: *secrets\n");
  }
  // A server refuses REDIS_URL beside a REDIS_URL_FILE that is not empty.
  expect(readServices(compose).get("web")).toContain("- REDIS_URL_FILE=\n");
});

test("the servers of the cluster get every variable", () => {
  const [, shared = ""] = /environment: &variables\n((?: {4}.*\n)+)/.exec(read("docker-compose.cluster.yml")) ?? [];
  // No other chat reaches the Redis of the cluster.
  const expected = variables.filter((name) => name !== "REDIS_PREFIX");
  expect(namesIn(shared).sort()).toEqual(expected.sort());
});
