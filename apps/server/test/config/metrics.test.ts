import { expect, test } from "vitest";
import { createMetrics } from "../../src/observability/metrics.ts";

test("reads gauges and totals at each scrape, with the multichat_ prefix", async () => {
  const metrics = createMetrics();
  let connections = 3;
  let frames = 10;
  metrics.gauge("connections", "Open sockets.", () => connections);
  metrics.gauge("queue", "Waiting.", async () => 7);
  metrics.total("frames", "Frames sent.", () => frames);
  const before = await metrics.text();
  for (const line of ["connections 3", "queue 7", "frames_total 10"]) expect(before).toContain(`multichat_${line}\n`);
  connections = 1;
  frames = 25;
  const text = await metrics.text();
  expect(text).toContain("multichat_connections 1\n");
  expect(text).toContain("multichat_frames_total 25\n");
  expect(text).toContain("# TYPE multichat_frames_total counter");
});

test("counts by label and by route and status, separately for each instance", async () => {
  const metrics = createMetrics();
  const other = createMetrics();
  const drops = metrics.counter("drops", "Dropped.", ["reason"]);
  drops.add({ reason: "slow" });
  drops.add({ reason: "slow" });
  metrics.httpRequest({ method: "GET", route: "/api/me", status: 200, seconds: 0.003 });
  const text = await metrics.text();
  expect(text).toContain('multichat_drops_total{reason="slow"} 2');
  expect(text).toContain(
    'multichat_http_request_seconds_bucket{le="0.005",method="GET",route="/api/me",status="200"} 1',
  );
  expect(text).toContain("multichat_process_cpu_seconds_total");
  expect(await other.text()).not.toContain("multichat_drops_total");
  expect(metrics.contentType).toMatch(/^text\/plain/);
});

test("releases what it reads when it is closed", async () => {
  const metrics = createMetrics();
  let reads = 0;
  metrics.gauge("connections", "Open sockets.", () => {
    reads += 1;
    return reads;
  });
  metrics.close();
  expect(await metrics.text()).not.toContain("multichat_");
  expect(reads).toBe(0);
});
