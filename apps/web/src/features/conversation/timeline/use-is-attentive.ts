import { useSyncExternalStore } from "react";
import { isConversationCovered } from "../../../navigation/room-navigation.ts";

/** Events of the window and of its address, since the details pane may cover the conversation. */
const WINDOW_EVENTS = ["focus", "blur", "pageshow", "pushState", "replaceState", "popstate", "resize"] as const;

function subscribe(listener: () => void): () => void {
  for (const name of WINDOW_EVENTS) window.addEventListener(name, listener);
  document.addEventListener("visibilitychange", listener);
  return () => {
    for (const name of WINDOW_EVENTS) window.removeEventListener(name, listener);
    document.removeEventListener("visibilitychange", listener);
  };
}

/** Whether the user is likely reading: the page is visible and has the focus, and nothing covers the conversations. */
export function useIsAttentive(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => document.visibilityState === "visible" && document.hasFocus() && !isConversationCovered(),
  );
}
