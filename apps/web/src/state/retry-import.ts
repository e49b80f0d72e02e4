const RETRY_INTERVAL_MS = 2_000;

/** Loads a part of the page until it succeeds: a failure would take down the page, and the server may only be restarting. */
export async function retryImport<T>(load: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await load();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_INTERVAL_MS));
    }
  }
}
