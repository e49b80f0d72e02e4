import { useState } from "react";
import { readJson, writeStored } from "./storage.ts";

const KEY = "multichat.folded";

function load(): Readonly<Record<string, unknown>> {
  const stored = readJson(KEY);
  return typeof stored === "object" && stored !== null ? (stored as Record<string, unknown>) : {};
}

/** Whether a section of the page is collapsed, remembered on this device. */
export function useCollapsed(
  name: string,
  { initially }: { readonly initially: boolean },
): [collapsed: boolean, set: (collapsed: boolean) => void] {
  const [collapsed, setCollapsed] = useState(() => {
    const stored = load()[name];
    return typeof stored === "boolean" ? stored : initially;
  });
  return [
    collapsed,
    (next) => {
      setCollapsed(next);
      writeStored(KEY, JSON.stringify({ ...load(), [name]: next }));
    },
  ];
}
