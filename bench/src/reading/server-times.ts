import { subscribe } from "node:diagnostics_channel";
import { openSync, writeSync } from "node:fs";
import type { IncomingMessage } from "node:http";

// Loaded into the measured server by `--import`: writes the milliseconds between the arrival of each request and the end of its
// response, by Node's own diagnostics, so that neither the network nor the client is in them.

const file = process.env.BENCH_SERVER_TIMES;
if (file !== undefined) {
  const output = openSync(file, "a");
  const startedAt = new WeakMap<object, number>();
  subscribe("http.server.request.start", (message) => {
    // The documented fields of this channel.
    startedAt.set((message as { request: IncomingMessage }).request, performance.now());
  });
  subscribe("http.server.response.finish", (message) => {
    const { request } = message as { request: IncomingMessage };
    const start = startedAt.get(request);
    if (start !== undefined) writeSync(output, `${performance.now() - start} ${request.url}\n`);
  });
}
