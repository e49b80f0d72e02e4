import { ClientError } from "../calls/errors.ts";
import { callSafely } from "../core/call-safely.ts";
import { checkOptions } from "../core/check-options.ts";
import { checkRange } from "../core/check-range.ts";

type Listener = (payload: unknown) => void;

export interface EventIteratorOptions {
  /** Ends the iteration with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Events that may wait to be read; one more ends the iteration with TOO_MANY_EVENTS. @default 1_000 */
  readonly maxBuffered?: number;
}

/** The listeners of the server's events, by name. */
export class EventListeners {
  readonly #listeners = new Map<string, Set<Listener>>();
  /** Ends the iterators when the client is closed. */
  #closing = new AbortController();

  add(event: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners);
    // The same function added twice is two listeners.
    const call: Listener = (payload) => listener(payload);
    listeners.add(call);
    return () => {
      listeners.delete(call);
      if (listeners.size === 0 && this.#listeners.get(event) === listeners) this.#listeners.delete(event);
    };
  }

  /** Returns what calls the listeners of now: not those that are added meanwhile. */
  prepare(event: string, payload: unknown): () => void {
    const listeners = [...(this.#listeners.get(event) ?? [])];
    return () => {
      for (const listener of listeners) callSafely(() => listener(payload));
    };
  }

  iterate(event: string, options: EventIteratorOptions): AsyncIterableIterator<unknown> {
    checkOptions<EventIteratorOptions>(options, { signal: 1, maxBuffered: 1 });
    const { signal, maxBuffered = 1_000 } = options;
    checkRange("maxBuffered", maxBuffered);
    return new EventIterator(maxBuffered, signal, this.#closing.signal, (listener) => this.add(event, listener));
  }

  endIterators(): void {
    this.#closing.abort();
    this.#closing = new AbortController();
  }
}

/** Events from the moment of its creation, in order. */
class EventIterator implements AsyncIterableIterator<unknown> {
  readonly #buffered: unknown[] = [];
  readonly #waiting: PromiseWithResolvers<IteratorResult<unknown>>[] = [];
  readonly #stop = new AbortController();
  #end: { readonly error?: unknown } | undefined;

  constructor(
    maxBuffered: number,
    signal: AbortSignal | undefined,
    closing: AbortSignal,
    subscribe: (listener: Listener) => () => void,
  ) {
    const unsubscribe = subscribe((payload) => {
      const waiting = this.#waiting.shift();
      if (waiting !== undefined) waiting.resolve({ done: false, value: payload });
      else if (this.#buffered.length < maxBuffered) this.#buffered.push(payload);
      else {
        const message = `Expected at most ${maxBuffered} events to wait; read them faster, or raise maxBuffered.`;
        this.#finish({ error: new ClientError("TOO_MANY_EVENTS", message) });
      }
    });
    this.#stop.signal.addEventListener("abort", unsubscribe, { once: true });
    const onAbort = () => this.#finish({ error: signal?.reason });
    if (signal?.aborted) onAbort();
    else signal?.addEventListener("abort", onAbort, { signal: this.#stop.signal });
    closing.addEventListener("abort", () => this.#finish({}), { signal: this.#stop.signal });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<unknown>> {
    if (this.#buffered.length > 0) return Promise.resolve({ done: false, value: this.#buffered.shift() });
    const end = this.#end;
    if (end === undefined) {
      const waiting = Promise.withResolvers<IteratorResult<unknown>>();
      this.#waiting.push(waiting);
      return waiting.promise;
    }
    // An error is thrown once, as from a generator.
    this.#end = {};
    return "error" in end ? Promise.reject(end.error) : Promise.resolve({ done: true, value: undefined });
  }

  return(): Promise<IteratorResult<unknown>> {
    this.#buffered.length = 0;
    this.#finish({});
    this.#end = {};
    return Promise.resolve({ done: true, value: undefined });
  }

  #finish(end: { readonly error?: unknown }): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#stop.abort();
    for (const waiting of this.#waiting.splice(0)) this.next().then(waiting.resolve, waiting.reject);
  }
}
