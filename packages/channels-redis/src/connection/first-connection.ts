/** Errors that no second try mends: whoever waits is told at once. */
const PERMANENT_ERRORS = /^(WRONGPASS|NOAUTH|NOPERM|ERR invalid password|ERR Client sent AUTH)/;

/**
 * What calls wait for at the beginning: a connection, or the reason why there is none in time. A server that comes later
 * than that is welcome still: from then on nobody waits.
 */
export class FirstConnection {
  readonly startedAt: number = Date.now();
  readonly #timeoutMs: number;
  readonly #timer: NodeJS.Timeout;
  readonly #outcome = Promise.withResolvers<void>();
  #state: "waiting" | "failed" | "made" = "waiting";
  #lastError: Error | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    // Whoever waits hears of a failure; nobody waiting must not end the process.
    this.#outcome.promise.catch(() => undefined);
    this.#timer = setTimeout(() => this.#fail(), timeoutMs).unref();
  }

  /** Whether there was one, once. */
  get isEstablished(): boolean {
    return this.#state === "made";
  }

  /** Rejects with what is wrong. */
  async wait(): Promise<void> {
    if (this.#state === "made") return;
    await this.#outcome.promise;
  }

  /** @returns whether it was late: somebody has been refused already. */
  succeed(): boolean {
    clearTimeout(this.#timer);
    const late = this.#state === "failed";
    this.#state = "made";
    this.#outcome.resolve();
    return late;
  }

  reportError(error: Error): void {
    this.#lastError = error;
    if (PERMANENT_ERRORS.test(error.message)) this.#fail();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#outcome.reject(new Error("The layer was closed before its server had answered."));
  }

  #fail(): void {
    if (this.#state !== "waiting") return;
    clearTimeout(this.#timer);
    this.#state = "failed";
    const reason = this.#lastError?.message ?? "no connection";
    this.#outcome.reject(
      new Error(
        this.#lastError !== undefined && PERMANENT_ERRORS.test(reason)
          ? `Redis refused the connection: ${reason}. Check the user name and password of the host.`
          : `Redis did not answer within ${this.#timeoutMs} ms: ${reason}`,
        { cause: this.#lastError },
      ),
    );
  }
}
