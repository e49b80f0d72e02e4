// Reads what `docker compose config` prints, far enough to check the services of the Compose files.

/**
 * Returns the lines of each service by its name.
 * @param {string} config
 * @returns {Map<string, string>}
 */
export function readServices(config) {
  const [, services = ""] = config.split(/^services:\n/m);
  const [own = ""] = services.split(/^\S/m);
  return new Map(
    own
      .split(/^ {2}(?=\S)/m)
      .slice(1)
      .map((block) => {
        const [name = ""] = block.split(":", 1);
        return [name, block];
      }),
  );
}

/**
 * Returns what is wrong with the Redis of a Compose configuration: it needs a password, and no port may lead to it.
 * @param {string} config
 * @returns {string[]}
 */
export function findRedisProblems(config) {
  const services = readServices(config);
  const redis = services.get("redis");
  if (redis === undefined) return ["expected a service redis, got none"];
  const problems = [];
  if (!/requirepass %s/.test(redis) || !/REDIS_PASSWORD[:=] ?['"]?[^\s'"]/.test(redis)) {
    problems.push("redis: expected requirepass with REDIS_PASSWORD");
  }
  if (/^ {4}(?:ports|expose):/m.test(redis)) problems.push("redis: expected no published port");
  if (/network_mode/.test(redis)) problems.push("redis: expected a network of its own");
  for (const [name, service] of services) {
    const url = /REDIS_URL[:=] ?['"]?(\S+)/.exec(service)?.[1];
    if (url !== undefined && !/^rediss?:\/\/[^@\s]*:[^@\s]+@/.test(url)) {
      problems.push(`${name}: expected a password in REDIS_URL`);
    }
  }
  return problems;
}

/**
 * Returns which services publish a port and should not.
 * @param {string} config
 * @param {readonly string[]} allowed
 * @returns {string[]}
 */
export function findOpenServices(config, allowed) {
  return [...readServices(config)]
    .filter(([name, service]) => !allowed.includes(name) && /^ {4}(?:ports|network_mode):/m.test(service))
    .map(([name]) => `${name}: expected no published port`);
}
