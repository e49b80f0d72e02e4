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

test("the Compose file takes every secret from a file", () => {
  const compose = read("docker-compose.yml");
  for (const name of ["ADMIN_PASSWORD", "METRICS_TOKEN", "REDIS_URL", "REDIS_ENCRYPTION_KEYS"]) {
    const secret = name.toLowerCase();
    expect(compose).toContain(`- ${name}_FILE=/run/secrets/${secret}`);
    expect(compose).toMatch(new RegExp(`^ {6}- ${secret}$`, "m"));
    expect(compose).toContain(`${secret}:\n    file: \${${name}_FILE:-/dev/null}`);
  }
});
