import type { Random } from "../../clients/random.ts";
import type { Direction } from "./service-link.ts";

export type Service = "redis" | "postgres";

/** One fault of a cluster. It lasts for a time, and then ends by itself. */
export type Outage = { readonly ms: number } & (
  | { readonly kind: "kill-server"; readonly server: number }
  /** The process does not run, as in a virtual machine that is moved. */
  | { readonly kind: "freeze-server"; readonly server: number }
  | { readonly kind: "crash"; readonly service: Service }
  | {
      readonly kind: "partition";
      readonly server: number;
      readonly services: readonly Service[];
      readonly directions: readonly Direction[];
    }
);

/** Picks the next outage of a cluster of this many servers. */
export function nextOutage(random: Random, servers: number): Outage {
  const roll = random.next();
  const server = random.integerBelow(servers);
  if (roll < 0.25) return { kind: "kill-server", server, ms: random.between(0, 4_000) };
  if (roll < 0.35) return { kind: "freeze-server", server, ms: random.between(1_000, 15_000) };
  if (roll < 0.5) return { kind: "crash", service: "redis", ms: random.between(500, 6_000) };
  if (roll < 0.65) return { kind: "crash", service: "postgres", ms: random.between(500, 6_000) };
  const services = random.pick<readonly Service[]>([["redis"], ["postgres"], ["redis", "postgres"]]);
  const directions = random.pick<readonly Direction[]>([["up"], ["down"], ["up", "down"]]);
  return { kind: "partition", server, services, directions, ms: random.between(2_000, 15_000) };
}

const SERVICE_NAMES: Readonly<Record<Service, string>> = { redis: "Redis", postgres: "PostgreSQL" };
const CRASHES: Readonly<Record<Service, string>> = { redis: "kill -9 of Redis", postgres: "crashes of PostgreSQL" };

/** Returns what an outage counts as in the report. */
export function titleOf(outage: Outage): string {
  switch (outage.kind) {
    case "kill-server":
      return "kill -9 of a server";
    case "freeze-server":
      return "servers frozen";
    case "crash":
      return CRASHES[outage.service];
    case "partition": {
      const sides = outage.services.map((service) => SERVICE_NAMES[service]).join(" and ");
      return `${outage.directions.length === 1 ? "one-way partitions" : "partitions"} of a server from ${sides}`;
    }
  }
}
