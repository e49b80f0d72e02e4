import { useState } from "react";

/** The same object for as long as everything in it is the same (`Object.is`). */
export function useStable<T extends object>(value: T): T {
  const [kept, setKept] = useState(value);
  if (kept === value || sameEntries(kept, value)) return kept;
  setKept(value);
  return value;
}

function sameEntries(a: object, b: object): boolean {
  const entries = Object.entries(a);
  const others = new Map<string, unknown>(Object.entries(b));
  return entries.length === others.size && entries.every(([key, value]) => Object.is(others.get(key), value));
}
