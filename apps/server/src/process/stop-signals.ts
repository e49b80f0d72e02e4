export interface StoppableService {
  drain(): Promise<void>;
  close(): Promise<void>;
  /** Resolves when another process serves in place of this one. @default never */
  readonly replaced?: Promise<void>;
  /** In place of `drain` then. */
  drainToSuccessor?(): Promise<void>;
}

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/**
 * Waits for the first signal, or until another process has replaced this one, then drains and closes the service. A second signal
 * ends the process immediately; the first one after a replacement ends the drain.
 *
 * @param onStop Called with the name of the first signal, or with `replaced`.
 */
export async function stopOnSignal(running: StoppableService, onStop: (reason: string) => void): Promise<void> {
  const signaled = nextSignal();
  const reason = await Promise.race([signaled, running.replaced?.then(() => "replaced") ?? signaled]);
  onStop(reason);
  if (reason === "replaced") {
    // The clients of an interrupted drain reconnect to the successor at once.
    await Promise.race([signaled, running.drainToSuccessor?.()]);
  } else {
    endOnSignal();
    await running.drain();
  }
  endOnSignal();
  await running.close();
  for (const name of SIGNALS) process.removeAllListeners(name);
}

function nextSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of SIGNALS) process.once(name, resolve);
  });
}

function endOnSignal(): void {
  for (const name of SIGNALS) {
    process.removeAllListeners(name);
    process.once(name, () => process.exit(1));
  }
}
