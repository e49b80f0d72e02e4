import { Consumer, channelNameRouter, runWorker, silentLogger } from "@multichat/channels";
import { RedisQueueLayer } from "@multichat/channels-redis";

/** A worker in a process of its own: prints a line for each job that it starts and finishes. */
const { hosts, prefix, work, jobMs } = JSON.parse(process.argv[2] ?? "{}");

class Worker extends Consumer<{ job: { n: number } }> {
  async job({ n }: { readonly n: number }): Promise<void> {
    console.log(`begun ${n}`);
    await new Promise((resolve) => setTimeout(resolve, jobMs));
    console.log(`done ${n}`);
  }
}

const layer = new RedisQueueLayer({ hosts, prefix, work });
await runWorker(channelNameRouter({ jobs: Worker }), ["jobs"], { layer, concurrency: 4, logger: silentLogger });
