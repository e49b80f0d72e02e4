import { useSyncExternalStore } from "react";
import { isCovered } from "../../../navigation/room-navigation.ts";

/** Those of the page, and of its address: the details may lie over the conversation. */
const EVENTS = ["focus", "blur", "pageshow", "pushState", "replaceState", "popstate", "resize"] as const;

function subscribe(listener: () => void): () => void {
  for (const name of EVENTS) window.addEventListener(name, listener);
  document.addEventListener("visibilitychange", listener);
  return () => {
    for (const name of EVENTS) window.removeEventListener(name, listener);
    document.removeEventListener("visibilitychange", listener);
  };
}

/** Whether somebody is likely to look at the conversations: the page is visible and has the keys, and nothing covers them. */
export function useAttention(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => document.visibilityState === "visible" && document.hasFocus() && !isCovered(),
  );
}
