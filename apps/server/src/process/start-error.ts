/** The server could not be started, for a reason that whoever starts it can do something about. The message says what. */
export class StartError extends Error {
  override readonly name = "StartError";
}

/** What a failure to listen means. Anything unknown comes back as it is. */
export function listenError(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const tell = (message: string) => new StartError(message, { cause: error });
  switch (code) {
    case "EADDRINUSE":
      return tell(
        `PORT: expected a free port, but another program listens on ${port} (${host}). Stop that one, or set PORT to another port.`,
      );
    case "EACCES":
      return tell(`PORT: this account may not listen on ${port}. Set PORT to one from 1024 on.`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return tell(`HOST: expected an address of this machine, got ${host}. Set HOST to 0.0.0.0 or 127.0.0.1.`);
    default:
      return error;
  }
}
