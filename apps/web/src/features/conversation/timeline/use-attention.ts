import { useSyncExternalStore } from "react";
import { isConversationCovered } from "../../../navigation/room-navigation.ts";

/** Those of the page, and of its address: the details may lie over the conversation. */
const WINDOW_EVENTS = ["focus", "blur", "pageshow", "pushState", "replaceState", "popstate", "resize"] as const;

function subscribe(listener: () => void): () => void {
  for (const name of WINDOW_EVENTS) window.addEventListener(name, listener);
  document.addEventListener("visibilitychange", listener);
  return () => {
    for (const name of WINDOW_EVENTS) window.removeEventListener(name, listener);
    document.removeEventListener("visibilitychange", listener);
  };
}

/** Whether somebody is likely to look at the conversations: the page is visible and has the keys, and nothing covers them. */
export function useIsAttentive(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => document.visibilityState === "visible" && document.hasFocus() && !isConversationCovered(),
  );
}
