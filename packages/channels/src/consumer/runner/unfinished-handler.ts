/** Returns the error of what still runs although its connection has ended, and is no longer waited for. */
export function unfinishedHandler(name: string, handlerGraceMs: number): Error {
  return new Error(
    `${name} is still running ${handlerGraceMs} ms after its connection ended; ` +
      "pass `signal` to everything that it awaits",
  );
}
