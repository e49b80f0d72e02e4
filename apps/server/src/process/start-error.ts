/** The server could not be started. The message says what the operator has to fix. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** Turns an error of `listen` into a StartError; returns an unknown error unchanged. */
export function listenError(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const startError = (message: string) => new StartError(message, { cause: error });
  switch (code) {
    case "EADDRINUSE":
      return startError(
        `PORT: expected a free port, but another program listens on ${port} (${host}). Stop that program or set PORT to another port.`,
      );
    case "EACCES":
      return startError(
        `PORT: expected a port that this account can listen on, got ${port}. Set PORT to 1024 or higher.`,
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return startError(`HOST: expected an address of this machine, got ${host}. Set HOST to 0.0.0.0 or 127.0.0.1.`);
    default:
      return error;
  }
}
