import { useState } from "react";

/** Returns the same object for as long as its entries are the same (`Object.is`). */
export function useShallowStable<T extends object>(value: T): T {
  const [stable, setStable] = useState(value);
  if (stable === value || hasSameEntries(stable, value)) return stable;
  setStable(value);
  return value;
}

function hasSameEntries(a: object, b: object): boolean {
  const entries = Object.entries(a);
  const others = new Map<string, unknown>(Object.entries(b));
  return entries.length === others.size && entries.every(([key, value]) => Object.is(others.get(key), value));
}
