import type { LogEvent } from "@multichat/protocol";

/** Events that are kept for one answer, at most. A room in which more happens while an answer is on its way is asked again. */
const MAX_RECORDED = 1_000;

/** What the log has told since a question was asked. */
export interface Recording {
  /** In their order; undefined when there were too many to keep, or some that were not told: then the question is asked again. */
  readonly events: readonly LogEvent[] | undefined;
  /** Nothing more is kept. Again: nothing happens. */
  stop(): void;
}

/**
 * The events that were applied while answers are on their way. An answer that says how things are does not say as of which event: it
 * may be older than what was applied meanwhile. Applied again on top of it, these bring it level.
 */
export class EventRecorder {
  readonly #running = new Set<{ events: LogEvent[] | undefined }>();

  start(): Recording {
    const recording = {
      events: [] as LogEvent[] | undefined,
      stop: () => void this.#running.delete(recording),
    };
    this.#running.add(recording);
    return recording;
  }

  /** The log went on without telling what happened: no answer that is on its way can be brought level. */
  skip(): void {
    for (const recording of this.#running) recording.events = undefined;
  }

  add(event: LogEvent): void {
    for (const recording of this.#running) {
      if (recording.events === undefined) continue;
      if (recording.events.length < MAX_RECORDED) recording.events.push(event);
      else recording.events = undefined;
    }
  }
}
