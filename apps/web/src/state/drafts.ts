import type { Message } from "@multichat/protocol";
import { readJson, writeStored } from "./storage.ts";

/** What was typed and not sent, per person and room; it outlives reloads and sign-outs. */

const PREFIX = "multichat.drafts.";
/** Drafts kept for one person; the ones touched longest ago go first. */
const MAX_DRAFTS = 200;
/** Characters of one draft; more than a message may have by default, so that nothing is cut that could be sent. */
const MAX_CHARS = 100_000;
/** Characters kept of the message that is answered: what is shown of it. */
const MAX_QUOTED = 140;

export interface Draft {
  readonly text: string;
  /** The message that it answers, its body cut. */
  readonly replyTo: Message | null;
}

const NOTHING: Draft = { text: "", replyTo: null };

type Kept = readonly [room: string, text: string, replyTo?: Message];

function isKept(entry: unknown): entry is Kept {
  return Array.isArray(entry) && typeof entry[0] === "string" && typeof entry[1] === "string" && isAnswered(entry[2]);
}

function isAnswered(found: unknown): boolean {
  if (found === undefined) return true;
  return typeof found === "object" && found !== null && "id" in found && "seq" in found && "body" in found;
}

/** Oldest first. */
function load(user: string): readonly Kept[] {
  const stored = readJson(PREFIX + user);
  return Array.isArray(stored) ? stored.filter(isKept) : [];
}

export function readDraft(user: string, room: string): Draft {
  const kept = load(user).find((draft) => draft[0] === room);
  return kept === undefined ? NOTHING : { text: kept[1], replyTo: kept[2] ?? null };
}

export function writeDraft(user: string, room: string, { text, replyTo }: Draft): void {
  const drafts = load(user).filter((draft) => draft[0] !== room);
  const body = text.slice(0, MAX_CHARS);
  if (replyTo !== null)
    drafts.push([room, body, { ...replyTo, body: replyTo.body.slice(0, MAX_QUOTED), reactions: [] }]);
  else if (text.trim() !== "") drafts.push([room, body]);
  writeStored(PREFIX + user, drafts.length === 0 ? null : JSON.stringify(drafts.slice(-MAX_DRAFTS)));
}
