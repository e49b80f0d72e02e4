import type { LogEvent } from "@multichat/protocol";

/** The most events recorded for one answer. When more events happen while a request is pending, it has to be repeated. */
const MAX_RECORDED_EVENTS = 1_000;

/** The events that were applied since a request was sent. */
export interface Recording {
  /** In their order; undefined when there were too many, or when events were skipped: then the request has to be repeated. */
  readonly events: readonly LogEvent[] | undefined;
  /** Ends the recording. Calling it again does nothing. */
  stop(): void;
}

/**
 * Records the events that are applied while requests are pending. An answer that describes the present does not say as of which
 * seq, and may be older than the events applied meanwhile. Applying those events to it again makes it current.
 */
export class EventRecorder {
  readonly #recordings = new Set<{ events: LogEvent[] | undefined }>();

  start(): Recording {
    const recording = {
      events: [] as LogEvent[] | undefined,
      stop: () => void this.#recordings.delete(recording),
    };
    this.#recordings.add(recording);
    return recording;
  }

  /** Events of the log were skipped, so no pending answer can be made current. */
  invalidate(): void {
    for (const recording of this.#recordings) recording.events = undefined;
  }

  add(event: LogEvent): void {
    for (const recording of this.#recordings) {
      if (recording.events === undefined) continue;
      if (recording.events.length < MAX_RECORDED_EVENTS) recording.events.push(event);
      else recording.events = undefined;
    }
  }
}
