import { type ChannelLayer, typedChannel } from "@multichat/channels";
import type { Job } from "./job.ts";
import type { JobEvents } from "./job-events.ts";
import { workOn } from "./job-kinds.ts";

const steps = 4;

/** What a worker does with a job, wherever it runs: the work, and the answer to the one channel that waits for it. */
export async function doJob(layer: ChannelLayer, job: Job): Promise<void> {
  const asker = typedChannel<JobEvents>(layer, job.channel);
  if (job.progress) {
    for (let done = 1; done < steps; done += 1) await asker.send({ type: "job.progress", done, total: steps });
  }
  await asker.send({ type: "job.result", message: workOn(job.type, job.content) });
}
