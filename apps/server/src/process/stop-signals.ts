export interface StoppableService {
  drain(): Promise<void>;
  close(): Promise<void>;
}

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/**
 * Waits for the first signal, then drains and closes the service. A second signal ends the process immediately.
 *
 * @param onSignal Called with the name of the first signal.
 */
export async function stopOnSignal(running: StoppableService, onSignal: (signal: string) => void): Promise<void> {
  const signal = await new Promise<string>((resolve) => {
    for (const name of SIGNALS) process.once(name, resolve);
  });
  for (const name of SIGNALS) {
    process.removeAllListeners(name);
    process.once(name, () => process.exit(1));
  }
  onSignal(signal);
  await running.drain();
  await running.close();
  for (const name of SIGNALS) process.removeAllListeners(name);
}
