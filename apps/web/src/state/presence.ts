import { PRESENCE_STATUSES, type Presence, type PresenceStatus } from "@multichat/protocol";
import { useMemo } from "react";
import { chat } from "../connection/chat.ts";
import { readJson, writeStored } from "./storage/storage.ts";
import { useStore } from "./store.ts";

/** Returns a user's presence, undefined until it is known. It is requested while a component uses it. */
export function usePresence(user: string): Presence | undefined {
  return useStore(useMemo(() => chat.presence.of(user), [user]));
}

interface OwnPresence {
  readonly status: PresenceStatus;
  readonly text: string;
}

const PREFIX = "multichat.presence.";
const DEFAULT_PRESENCE: OwnPresence = { status: "online", text: "" };

/** Returns the presence that the user chose. */
export function useOwnPresence(): OwnPresence {
  return useStore(chat.presence.own);
}

/** Sets the user's presence on this device; it survives a reload. */
export function setOwnPresence(user: string, status: PresenceStatus, text: string): void {
  const isDefault = status === DEFAULT_PRESENCE.status && text === DEFAULT_PRESENCE.text;
  writeStored(PREFIX + user, isDefault ? null : JSON.stringify({ status, text }));
  chat.presence.set(status, text);
}

export function deleteOwnPresence(user: string): void {
  writeStored(PREFIX + user, null);
}

function loadOwnPresence(user: string): OwnPresence {
  const found = readJson(PREFIX + user);
  if (typeof found !== "object" || found === null) return DEFAULT_PRESENCE;
  const { status, text } = found as Record<keyof OwnPresence, unknown>;
  return {
    status: PRESENCE_STATUSES.find((known) => known === status) ?? DEFAULT_PRESENCE.status,
    text: typeof text === "string" ? text : DEFAULT_PRESENCE.text,
  };
}

/** Restores the stored presence after signing in or reloading. */
export function restoreOwnPresence(user: string): void {
  const { status, text } = loadOwnPresence(user);
  const current = chat.presence.own.get();
  if (current.status !== status || current.text !== text) chat.presence.set(status, text);
}
