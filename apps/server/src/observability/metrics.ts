import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/**
 * What `/metrics` tells. The parts that count for themselves (layer, sockets, store) are read when somebody asks, so that
 * nothing is counted twice on a hot path.
 */
export interface Metrics {
  /** Prometheus' text format. */
  text(): Promise<string>;
  readonly contentType: string;
  /** A value that is read at each scrape. @param name Without the prefix `multichat_`. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void;
  /** A number that only grows, read at each scrape. */
  total(name: string, help: string, read: () => number): void;
  /** A counter to add to, by a label of few values. */
  counter<L extends string>(name: string, help: string, labels: readonly L[]): { add(labels: Record<L, string>): void };
  httpRequest(request: { method: string; route: string; status: number; seconds: number }): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "multichat_" });
  const requests = new Histogram({
    name: "multichat_http_request_seconds",
    help: "HTTP requests by route and status, with the seconds they took.",
    labelNames: ["method", "route", "status"],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2],
    registers: [registry],
  });
  return {
    text: () => registry.metrics(),
    contentType: registry.contentType,
    gauge: (name, help, read) => {
      new Gauge({
        name: `multichat_${name}`,
        help,
        registers: [registry],
        async collect() {
          this.set(await read());
        },
      });
    },
    total: (name, help, read) => {
      new Counter({
        name: `multichat_${name}_total`,
        help,
        registers: [registry],
        collect() {
          this.reset();
          this.inc(read());
        },
      });
    },
    counter: (name, help, labels) => {
      const counter = new Counter({
        name: `multichat_${name}_total`,
        help,
        labelNames: [...labels],
        registers: [registry],
      });
      return { add: (values) => counter.inc(values) };
    },
    httpRequest: ({ method, route, status, seconds }) => requests.observe({ method, route, status }, seconds),
  };
}
