import { DatabaseSync } from "node:sqlite";

/** Opens a file beside the store that may be writing to it, and waits for the store's locks however busy the machine is. */
export function openBeside(file: string): DatabaseSync {
  return new DatabaseSync(file, { timeout: 600_000 });
}
