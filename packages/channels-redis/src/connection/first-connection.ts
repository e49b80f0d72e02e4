/** Errors that a retry cannot fix: waiting calls fail at once. */
const PERMANENT_ERRORS = /^(WRONGPASS|NOAUTH|NOPERM|ERR invalid password|ERR Client sent AUTH)/;

/** The timeout is counted in parts: while the event loop is blocked, which no server can help, only one of them passes. */
const TIMEOUT_PARTS = 10;

/**
 * The first connection to a server, which early calls wait for. It succeeds, or fails with the reason why there is no
 * connection in time. A server that answers after that is still used; later calls no longer wait.
 */
export class FirstConnection {
  readonly startedAt: number = Date.now();
  readonly #timeoutMs: number;
  readonly #timer: NodeJS.Timeout;
  readonly #outcome = Promise.withResolvers<void>();
  #state: "waiting" | "failed" | "established" = "waiting";
  #lastError: Error | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    // Callers of `wait` receive the failure; without a caller it must not end the process.
    this.#outcome.promise.catch(() => undefined);
    let parts = 0;
    this.#timer = setInterval(() => {
      parts += 1;
      if (parts === TIMEOUT_PARTS) this.#fail();
    }, timeoutMs / TIMEOUT_PARTS).unref();
  }

  /** Whether there has ever been a connection. */
  get isEstablished(): boolean {
    return this.#state === "established";
  }

  /** Rejects with the reason why there is no connection. */
  async wait(): Promise<void> {
    if (this.#state === "established") return;
    await this.#outcome.promise;
  }

  /** @returns whether the connection came late, after calls had already been rejected. */
  succeed(): { readonly isLate: boolean } {
    clearInterval(this.#timer);
    const isLate = this.#state === "failed";
    this.#state = "established";
    this.#outcome.resolve();
    return { isLate };
  }

  reportError(error: Error): void {
    this.#lastError = error;
    if (PERMANENT_ERRORS.test(error.message)) this.#fail();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#outcome.reject(new Error("The layer was closed before its server had answered."));
  }

  #fail(): void {
    if (this.#state !== "waiting") return;
    clearInterval(this.#timer);
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
