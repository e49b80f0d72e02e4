import type { MessageFile } from "@multichat/protocol";
import { readJson, writeStored } from "./storage.ts";

/** Uploaded files that no message has taken yet, per account and room. They survive a reload; signing out deletes them. */

const PREFIX = "multichat.attached.";
/** Less than the day after which the server removes files that no message has taken. */
const MAX_AGE_MS = 20 * 3_600_000;
const MAX_ROOMS = 50;

type StoredFiles = readonly [room: string, at: number, files: readonly MessageFile[]];

function isStoredFiles(entry: unknown): entry is StoredFiles {
  return (
    Array.isArray(entry) &&
    typeof entry[0] === "string" &&
    typeof entry[1] === "number" &&
    Array.isArray(entry[2]) &&
    entry[2].every(isFile)
  );
}

function isFile(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { id, name, type, bytes } = value as Partial<Record<keyof MessageFile, unknown>>;
  return typeof id === "string" && typeof name === "string" && typeof type === "string" && typeof bytes === "number";
}

function load(user: string): readonly StoredFiles[] {
  const stored = readJson(PREFIX + user);
  const now = Date.now();
  if (!Array.isArray(stored)) return [];
  return stored.filter(isStoredFiles).filter(([, at]) => at <= now && now - at < MAX_AGE_MS);
}

export function readAttachedFiles(user: string, room: string): readonly MessageFile[] {
  return load(user).find((entry) => entry[0] === room)?.[2] ?? [];
}

export function writeAttachedFiles(user: string, room: string, files: readonly MessageFile[]): void {
  const others = load(user).filter((entry) => entry[0] !== room);
  const all = files.length === 0 ? others : [...others, [room, Date.now(), files]];
  writeStored(PREFIX + user, all.length === 0 ? null : JSON.stringify(all.slice(-MAX_ROOMS)));
}
