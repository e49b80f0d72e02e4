/**
 * Calls a function of the application. What it throws is reported as an uncaught error, so that it is seen and stops neither
 * other listeners nor the client.
 */
export function callSafely(callback: () => unknown): void {
  try {
    callback();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
