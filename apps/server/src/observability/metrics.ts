import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** The metrics of `/metrics`. Counters that the parts keep themselves are read at each scrape, off the hot path. */
export interface Metrics {
  /** Returns all metrics in the Prometheus text format. */
  text(): Promise<string>;
  readonly contentType: string;
  /** Adds a gauge that is read at each scrape. @param name Without the prefix `multichat_`. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void;
  /** Adds a counter that is read at each scrape. */
  total(name: string, help: string, read: () => number): void;
  /** Adds a counter to increment, with labels of low cardinality. */
  counter<L extends string>(name: string, help: string, labels: readonly L[]): { add(labels: Record<L, string>): void };
  httpRequest(request: { method: string; route: string; status: number; seconds: number }): void;
  /** Releases what the metrics read. The library's observer of garbage collections would keep it for the life of the process. */
  close(): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "multichat_" });
  const requests = new Histogram({
    name: "multichat_http_request_seconds",
    help: "Duration of HTTP requests in seconds, by route and status.",
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
    close: () => registry.clear(),
  };
}
