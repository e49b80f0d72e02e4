import { randomUUID } from "node:crypto";
import { JsonWebSocketConsumer } from "@multichat/channels";
import type { JobQueue } from "./job.ts";
import type { JobEvents } from "./job-events.ts";

/** Lesson 3: a connection hands work to a worker and gets the result, when it is there, on its own channel. */
export class JobConsumer extends JsonWebSocketConsumer<JobEvents, { state: { jobs: JobQueue } }> {
  static override layer = "chat";

  override connect(): void {
    this.accept();
    this.sendJson({ status: "connected", message: "🔄 Background Job Processor: Connected!" });
  }

  override async receiveJson(content: unknown): Promise<void> {
    const asked = readJob(content);
    if (typeof asked === "string") return this.#refuse(asked);
    this.sendJson({ status: "queuing", message: `⏳ Queuing ${asked.type} job: ${asked.content}` });
    const id = randomUUID();
    try {
      await this.scope.state.jobs.add({ ...asked, id, channel: this.channelName });
    } catch (error) {
      return this.#refuse(`❌ Error queuing job: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.sendJson({
      status: "queued",
      job_id: id,
      message: `📋 Job ${id} queued successfully! Worker will process it shortly...`,
    });
  }

  override receiveInvalidJson(): void {
    this.#refuse('❌ Expected JSON, like {"type": "translate", "content": "hello"}');
  }

  // The worker sends these to this connection's channel, from wherever it runs.
  jobProgress({ done, total }: { done: number; total: number }): void {
    this.sendJson({ status: "progress", done, total });
  }

  jobResult({ message }: { message: string }): void {
    this.sendJson({ type: "job_result", message });
  }

  #refuse(message: string): void {
    this.sendJson({ status: "error", message });
  }
}

/** What was asked for, or what is wrong with it. */
function readJob(content: unknown): { type: string; content: string; progress: boolean } | string {
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    return "❌ Expected a JSON object with a type and a content";
  }
  const { type = "default", content: text, progress = false } = content as Readonly<Record<string, unknown>>;
  if (typeof type !== "string") return "❌ Expected type to be a string";
  if (typeof text !== "string" || text === "") return "❌ Expected content to be a non-empty string";
  return { type, content: text, progress: progress === true };
}
