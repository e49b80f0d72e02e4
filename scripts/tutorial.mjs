// `npm run tutorial`: serves the tutorial's example.
import { readWords } from "./lib/arguments.mjs";

readWords(`npm run tutorial

Serves what the tutorial (docs/tutorial/README.md) builds, on http://127.0.0.1:8000. Configured by environment variables:

  PORT        the port to listen on (8000)
  HOST        the address to listen on (127.0.0.1)
  REDIS_URL   a Redis that carries the layers and the jobs (default: everything in memory, in one process)
  WORKER      "none" starts no worker process beside the server; then start workers yourself

For example: REDIS_URL=redis://localhost:6379 npm run tutorial`);

await import("../examples/tutorial/src/main.ts");
