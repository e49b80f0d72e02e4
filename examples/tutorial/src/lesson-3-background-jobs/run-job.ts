import { type ChannelLayer, typedChannel } from "@multichat/channels";
import type { Job } from "./job.ts";
import type { JobEvents } from "./job-events.ts";
import { processContent } from "./job-kinds.ts";

const STEP_COUNT = 4;

/** Runs a job, in any process, and sends the result to the channel that waits for it. */
export async function runJob(layer: ChannelLayer, job: Job): Promise<void> {
  const requester = typedChannel<JobEvents>(layer, job.channel);
  if (job.wantsProgress) {
    for (let done = 1; done < STEP_COUNT; done += 1)
      await requester.send({ type: "job.progress", done, total: STEP_COUNT });
  }
  await requester.send({ type: "job.result", message: processContent(job.type, job.content) });
}
