import type { Presence, PresenceStatus } from "@multichat/protocol";
import { useMemo } from "react";
import { chat } from "../connection/chat.ts";
import { useStore } from "./store.ts";

/** How somebody is there; undefined as long as that is not known. Asked for while a component follows it. */
export function usePresence(user: string): Presence | undefined {
  return useStore(useMemo(() => chat.presence.of(user), [user]));
}

/** How one is there oneself, as one set it. */
export function useMyPresence(): { readonly status: PresenceStatus; readonly text: string } {
  return useStore(chat.presence.mine);
}
