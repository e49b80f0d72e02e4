import { readJson, writeStored } from "./storage.ts";

/** What was typed and not sent, per person and room; it outlives reloads and sign-outs. */

const PREFIX = "multichat.drafts.";
/** Drafts kept for one person; the ones touched longest ago go first. */
const MAX_DRAFTS = 200;
/** Characters of one draft; more than a message may have by default, so that nothing is cut that could be sent. */
const MAX_CHARS = 100_000;

type Draft = readonly [room: string, text: string];

function isDraft(entry: unknown): entry is Draft {
  return Array.isArray(entry) && typeof entry[0] === "string" && typeof entry[1] === "string";
}

/** Oldest first. */
function load(user: string): readonly Draft[] {
  const stored = readJson(PREFIX + user);
  return Array.isArray(stored) ? stored.filter(isDraft) : [];
}

export function readDraft(user: string, room: string): string {
  return load(user).find((draft) => draft[0] === room)?.[1] ?? "";
}

export function writeDraft(user: string, room: string, text: string): void {
  const drafts = load(user).filter((draft) => draft[0] !== room);
  if (text.trim() !== "") drafts.push([room, text.slice(0, MAX_CHARS)]);
  writeStored(PREFIX + user, drafts.length === 0 ? null : JSON.stringify(drafts.slice(-MAX_DRAFTS)));
}
