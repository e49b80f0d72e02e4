import { BASE_PATH } from "../../connection/base-path.ts";

/**
 * Wraps `localStorage`, which may be missing, full or disabled: values then live as long as the page. Chats under several paths
 * of one host share it, so the path is a part of each key.
 */

const memory = new Map<string, string>();

export function readStored(key: string): string | null {
  try {
    return localStorage.getItem(key + BASE_PATH) ?? memory.get(key) ?? null;
  } catch {
    return memory.get(key) ?? null;
  }
}

export function writeStored(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key + BASE_PATH);
    else localStorage.setItem(key + BASE_PATH, value);
    memory.delete(key);
  } catch {
    if (value === null) memory.delete(key);
    else memory.set(key, value);
  }
}

/** Returns the stored JSON; undefined when nothing is stored or it cannot be parsed. */
export function readJson(key: string): unknown {
  const text = readStored(key);
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
