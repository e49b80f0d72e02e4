import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { attach, closeLayers, getLayer } from "@multichat/channels";
import { makeApplication } from "./application.ts";
import { setupLayers } from "./layers.ts";
import { InProcessJobs } from "./lesson-3-background-jobs/in-process-jobs.ts";
import { openRedisJobs } from "./lesson-3-background-jobs/redis-jobs.ts";
import { servePage } from "./page-files.ts";

export interface TutorialServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the tutorial's server: its page, and its WebSockets on the layers of `setupLayers`. Port 0 picks a free port. */
export async function serveTutorial(options: {
  readonly port: number;
  readonly host: string;
  readonly redisUrl: string | undefined;
}): Promise<TutorialServer> {
  setupLayers(options.redisUrl);
  const jobs = options.redisUrl === undefined ? new InProcessJobs(getLayer("chat")) : openRedisJobs(options.redisUrl);
  const http = createServer((request, response) => {
    servePage(request, response).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  });
  const sockets = attach(http, makeApplication(jobs));
  await new Promise<void>((resolve, reject) => {
    http.once("error", reject);
    http.listen(options.port, options.host, resolve);
  });
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://${options.host === "0.0.0.0" || options.host === "::" ? "localhost" : options.host}:${port}`,
    async close() {
      await sockets.close();
      await new Promise((resolve) => http.close(resolve));
      await jobs.close();
      await closeLayers();
    },
  };
}
