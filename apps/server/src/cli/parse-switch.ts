import { UsageError } from "./terminal.ts";

/** Parses "on" or "off". @throws UsageError for anything else. */
export function parseSwitch(word: string): boolean {
  if (word === "on") return true;
  if (word === "off") return false;
  throw new UsageError(`expected on or off, got ${JSON.stringify(word)}`);
}
