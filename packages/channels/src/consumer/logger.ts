/** The part of a pino logger that the framework uses: details first, then what happened. */
export interface Logger {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

const silent = (): void => {};

/** Says nothing. */
export const silentLogger: Logger = Object.freeze({ debug: silent, info: silent, warn: silent, error: silent });

/** Warnings and errors to stderr: what a program gets that chose no logger. */
export const consoleLogger: Logger = Object.freeze({
  debug: silent,
  info: silent,
  warn: (details: object, message: string) => console.warn(message, details),
  error: (details: object, message: string) => console.error(message, details),
});
