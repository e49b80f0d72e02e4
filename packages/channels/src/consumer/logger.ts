/** The part of a pino logger that the framework uses: first the fields, then the message. */
export interface Logger {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

const noop = (): void => {};

/** Logs nothing. */
export const silentLogger: Logger = Object.freeze({ debug: noop, info: noop, warn: noop, error: noop });

/** Logs warnings and errors to stderr. The default. */
export const consoleLogger: Logger = Object.freeze({
  debug: noop,
  info: noop,
  warn: (details: object, message: string) => console.warn(message, details),
  error: (details: object, message: string) => console.error(message, details),
});
