import { useState } from "react";
import { readJson, writeStored } from "./storage.ts";

const KEY = "multichat.folded";

function load(): Readonly<Record<string, unknown>> {
  const stored = readJson(KEY);
  return typeof stored === "object" && stored !== null ? (stored as Record<string, unknown>) : {};
}

/** Whether a part of the page is folded away, as it was left on this device. */
export function useCollapsed(name: string, initially: boolean): [folded: boolean, set: (folded: boolean) => void] {
  const [folded, setCollapsed] = useState(() => {
    const stored = load()[name];
    return typeof stored === "boolean" ? stored : initially;
  });
  return [
    folded,
    (next) => {
      setCollapsed(next);
      writeStored(KEY, JSON.stringify({ ...load(), [name]: next }));
    },
  ];
}
