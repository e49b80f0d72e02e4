import { CalledWrongly } from "./terminal.ts";

/** @throws CalledWrongly for anything but on and off. */
export function onOrOff(word: string): boolean {
  if (word === "on") return true;
  if (word === "off") return false;
  throw new CalledWrongly(`expected on or off, got ${JSON.stringify(word)}`);
}
