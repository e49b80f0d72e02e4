import { UsageError } from "./terminal.ts";

/** @throws CalledWrongly for anything but on and off. */
export function parseSwitch(word: string): boolean {
  if (word === "on") return true;
  if (word === "off") return false;
  throw new UsageError(`expected on or off, got ${JSON.stringify(word)}`);
}
