/** Returns the error of a handler that runs on although its connection has ended, and is no longer waited for. */
export function unfinishedHandler(handlerGraceMs: number): Error {
  return new Error(
    `a handler is still running ${handlerGraceMs} ms after its connection ended; ` +
      "pass `signal` to everything that it awaits",
  );
}
