import { PRESENCE_STATUSES, type Presence, type PresenceStatus } from "@multichat/protocol";
import { useMemo } from "react";
import { chat } from "../connection/chat.ts";
import { readJson, writeStored } from "./storage.ts";
import { useStore } from "./store.ts";

/** How somebody is there; undefined as long as that is not known. Asked for while a component follows it. */
export function usePresence(user: string): Presence | undefined {
  return useStore(useMemo(() => chat.presence.of(user), [user]));
}

interface MyPresence {
  readonly status: PresenceStatus;
  readonly text: string;
}

const PREFIX = "multichat.presence.";
const USUAL: MyPresence = { status: "online", text: "" };

/** How one is there oneself, as one set it. */
export function useMyPresence(): MyPresence {
  return useStore(chat.presence.own);
}

/** Says how one is there, on this device and until one says otherwise: a reload does not change it. */
export function setMyPresence(user: string, status: PresenceStatus, text: string): void {
  const usual = status === USUAL.status && text === USUAL.text;
  writeStored(PREFIX + user, usual ? null : JSON.stringify({ status, text }));
  chat.presence.set(status, text);
}

function stored(user: string): MyPresence {
  const found = readJson(PREFIX + user);
  if (typeof found !== "object" || found === null) return USUAL;
  const { status, text } = found as Record<keyof MyPresence, unknown>;
  return {
    status: PRESENCE_STATUSES.find((one) => one === status) ?? USUAL.status,
    text: typeof text === "string" ? text : USUAL.text,
  };
}

/** Somebody has signed in, or the page was loaded again: they are there as they said. */
export function restoreMyPresence(user: string): void {
  const { status, text } = stored(user);
  const mine = chat.presence.own.get();
  if (mine.status !== status || mine.text !== text) chat.presence.set(status, text);
}
