/** The run was interrupted by Ctrl+C or SIGTERM. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/**
 * Runs work that can be interrupted: on Ctrl+C or SIGTERM the signal fires, and the work has to clean up and end. A second
 * one ends the process at once.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const interrupt = (): void => {
    if (abort.signal.aborted) process.exit(130);
    abort.abort(new Interrupted("Interrupted."));
  };
  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  try {
    return await work(abort.signal);
  } finally {
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
}

/** Rejects when the signal fires. */
export function interruption(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}
