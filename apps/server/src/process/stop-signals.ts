/** Something that runs until it is told to stop. */
export interface StoppableService {
  drain(): Promise<void>;
  close(): Promise<void>;
}

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/**
 * Waits for the first signal, then lets everybody go and closes; a second one ends the process at once.
 *
 * @param told Called with the signal's name when the first has come.
 */
export async function stopOnSignal(running: StoppableService, told: (signal: string) => void): Promise<void> {
  const signal = await new Promise<string>((resolve) => {
    for (const name of SIGNALS) process.once(name, resolve);
  });
  for (const name of SIGNALS) {
    process.removeAllListeners(name);
    process.once(name, () => process.exit(1));
  }
  told(signal);
  await running.drain();
  await running.close();
  for (const name of SIGNALS) process.removeAllListeners(name);
}
