import { randomUUID } from "node:crypto";
import { JsonWebSocketConsumer } from "@multichat/channels";
import { formatValue } from "../format-value.ts";
import type { JobQueue } from "./job.ts";
import type { JobEvents } from "./job-events.ts";

/** Lesson 3: a connection hands work to a worker, and later receives the result on its own channel. */
export class JobConsumer extends JsonWebSocketConsumer<JobEvents, { state: { jobs: JobQueue } }> {
  static override layer = "chat";

  override connect(): void {
    this.accept();
    this.sendJson({ status: "connected", message: "🔄 Background Job Processor: Connected!" });
  }

  override async receiveJson(content: unknown): Promise<void> {
    const request = parseJobRequest(content);
    if (typeof request === "string") return this.#sendError(request);
    this.sendJson({ status: "queuing", message: `⏳ Queuing ${request.type} job: ${request.content}` });
    const id = randomUUID();
    try {
      await this.scope.state.jobs.add({ ...request, id, channel: this.channelName });
    } catch (error) {
      return this.#sendError(`❌ Error queuing job: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.sendJson({
      status: "queued",
      job_id: id,
      message: `📋 Job ${id} queued successfully! Worker will process it shortly...`,
    });
  }

  override receiveInvalidJson(): void {
    this.#sendError('❌ Expected JSON, like {"type": "translate", "content": "hello"}');
  }

  // The worker sends these events to this connection's channel, from any process.
  jobProgress({ done, total }: { done: number; total: number }): void {
    this.sendJson({ status: "progress", done, total });
  }

  jobResult({ message }: { message: string }): void {
    this.sendJson({ type: "job_result", message });
  }

  #sendError(message: string): void {
    this.sendJson({ status: "error", message });
  }
}

/** Returns the request, or an error message. */
function parseJobRequest(content: unknown): { type: string; content: string; wantsProgress: boolean } | string {
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    return "❌ Expected a JSON object with a type and a content";
  }
  const { type = "default", content: text, progress = false } = content as Readonly<Record<string, unknown>>;
  if (typeof type === "object" && type !== null) return "❌ Expected type to be a string";
  if (typeof text !== "string" || text === "") return "❌ Expected content to be a non-empty string";
  return { type: formatValue(type), content: text, wantsProgress: progress === true };
}
