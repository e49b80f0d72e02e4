import { useSyncExternalStore } from "react";

const EVENTS = ["focus", "blur", "pageshow"] as const;

function subscribe(listener: () => void): () => void {
  for (const name of EVENTS) window.addEventListener(name, listener);
  document.addEventListener("visibilitychange", listener);
  return () => {
    for (const name of EVENTS) window.removeEventListener(name, listener);
    document.removeEventListener("visibilitychange", listener);
  };
}

/** Whether somebody is likely to look at this page: it is visible and has the keys. */
export function useAttention(): boolean {
  return useSyncExternalStore(subscribe, () => document.visibilityState === "visible" && document.hasFocus());
}
