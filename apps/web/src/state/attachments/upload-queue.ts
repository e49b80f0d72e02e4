import { ConnectionLost, UploadFailed } from "@multichat/client";
import type { MessageFile } from "@multichat/protocol";

export type Upload = (
  room: string,
  file: File,
  options: { clientId: string; onProgress: (sentBytes: number) => void; signal: AbortSignal },
) => Promise<MessageFile>;

/** One fewer than the server takes of a user at once, so that another tab is not refused. */
const MAX_CONCURRENT_UPLOADS = 3;
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 15_000;

interface Job {
  readonly run: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** Uploads a few files at a time, and again after a lost connection until it is aborted. */
export class UploadQueue {
  readonly #upload: Upload;
  readonly #waiting: Job[] = [];
  #running = 0;

  constructor(upload: Upload) {
    this.#upload = upload;
  }

  /** Rejects with UploadFailed, or with the reason of the aborted signal. */
  add(room: string, file: File, options: Parameters<Upload>[2]): Promise<MessageFile> {
    return new Promise((resolve, reject) => {
      const run = () => this.#uploadUntilAnswered(room, file, options).then(resolve, reject);
      this.#waiting.push({ run, signal: options.signal });
      this.#start();
    });
  }

  #start(): void {
    while (this.#running < MAX_CONCURRENT_UPLOADS) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      this.#running += 1;
      void job.run().then(() => {
        this.#running -= 1;
        this.#start();
      });
    }
  }

  async #uploadUntilAnswered(room: string, file: File, options: Parameters<Upload>[2]): Promise<MessageFile> {
    for (let attempt = 0; ; attempt += 1) {
      options.signal.throwIfAborted();
      try {
        // The same id each time: what arrived although its answer was lost is not kept twice.
        return await this.#upload(room, file, options);
      } catch (error) {
        options.signal.throwIfAborted();
        const isBusy = error instanceof UploadFailed && (error.code === "RATE_LIMITED" || error.code === "UNAVAILABLE");
        if (!isBusy && !(error instanceof ConnectionLost)) throw error;
        if (!(await canBeRead(file))) throw new FileChanged();
        options.onProgress(0);
        const asked = error instanceof UploadFailed ? (error.retryAfterSeconds ?? 0) * 1_000 : 0;
        const backoffMs = Math.random() * Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt);
        await waitToRetry(Math.max(asked, backoffMs), options.signal);
      }
    }
  }
}

/** The file was changed or removed on the disk since it was chosen. To a browser that looks like a lost connection. */
export class FileChanged extends Error {
  override readonly name = "FileChanged";
}

async function canBeRead(file: File): Promise<boolean> {
  if (file.size === 0) return true;
  try {
    await file.slice(file.size - 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/** Waits for the time, or until the browser is online again. */
function waitToRetry(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      window.removeEventListener("online", finish);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    window.addEventListener("online", finish);
    signal.addEventListener("abort", finish);
  });
}
