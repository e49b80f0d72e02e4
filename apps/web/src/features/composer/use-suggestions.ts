import type { Author } from "@multichat/protocol";
import { MENTION_ALL, normalizeName } from "@multichat/protocol/markup";
import { type KeyboardEvent, useEffect, useState } from "react";
import { chat } from "../../connection/chat.ts";
import { sendCommand } from "../../connection/send-command.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { useEmojiCatalog } from "../emoji/use-emoji-catalog.ts";
import type { Completion } from "./completion.ts";

export interface Suggestion {
  readonly key: string;
  readonly insertText: string;
  readonly label: string;
  /** A short description. */
  readonly detail?: string;
  /** For a person: whose avatar is shown. */
  readonly person?: Author;
  readonly emoji?: string;
}

export interface SuggestionsState {
  readonly kind: Completion["kind"];
  readonly suggestions: readonly Suggestion[];
  readonly open: boolean;
  /** The index of the suggestion that Enter accepts. */
  readonly activeIndex: number;
  /** Hides the suggestions until another name is typed. */
  readonly dismiss: () => void;
  /** Handles a key. @returns whether the suggestions used it */
  readonly onKeyDown: (event: KeyboardEvent, accept: (chosen: string) => void) => boolean;
}

interface Options {
  readonly completion: Completion | undefined;
  /** The room's id and number. */
  readonly roomId: string;
  readonly roomNumber: number;
  readonly canMentionAll: boolean;
}

const MAX_SUGGESTIONS = 8;

/** Returns the id of an option, for the field's `aria-activedescendant`. */
export function getOptionId(listId: string, at: number): string {
  return `${listId}-${at}`;
}

/** Returns the suggestions for the partial name before the caret. */
export function useSuggestions({ completion, roomId, roomNumber, canMentionAll }: Options): SuggestionsState {
  const { t } = useI18n();
  const people = useMentionablePeople(completion?.kind === "person" ? completion.query : undefined, roomId);
  const emoji = useEmojiCatalog({ isNeeded: completion?.kind === "emoji" });
  const [dismissed, setDismissed] = useState<number>();
  const [selection, setSelection] = useState({ key: "", index: 0 });

  const suggestions = suggest();
  const completionKey = completion === undefined ? "" : `${completion.kind} ${completion.from} ${completion.query}`;
  const activeIndex = selection.key === completionKey ? Math.min(selection.index, suggestions.length - 1) : 0;
  const open = completion !== undefined && suggestions.length > 0 && dismissed !== completion.from;
  if (completion === undefined && dismissed !== undefined) setDismissed(undefined);

  function suggest(): readonly Suggestion[] {
    switch (completion?.kind) {
      case "person": {
        const all = {
          key: "@",
          insertText: `@${MENTION_ALL}`,
          label: `@${MENTION_ALL}`,
          detail: t("composer.mentionAll"),
        };
        const everybody = canMentionAll && MENTION_ALL.startsWith(normalizeName(completion.query)) ? [all] : [];
        return [...people.map(toPersonSuggestion), ...everybody].slice(0, MAX_SUGGESTIONS);
      }
      case "room":
        return suggestRooms(completion.query, roomNumber);
      case "emoji":
        return (emoji?.search(completion.query, MAX_SUGGESTIONS) ?? []).map((match) => ({
          key: match.emoji,
          insertText: match.emoji,
          label: `:${match.names[0]}:`,
          emoji: match.emoji,
        }));
      case undefined:
        return [];
    }
  }

  return {
    kind: completion?.kind ?? "person",
    suggestions,
    open,
    activeIndex,
    dismiss: () => setDismissed(completion?.from),
    onKeyDown(event, accept) {
      const current = suggestions[activeIndex];
      if (!open || current === undefined || completion === undefined) return false;
      const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      if (step !== 0)
        setSelection({ key: completionKey, index: (activeIndex + step + suggestions.length) % suggestions.length });
      else if (event.key === "Escape") setDismissed(completion.from);
      else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) {
        // A name that is already complete needs no suggestion: Enter sends the message.
        const isComplete = current.insertText.slice(1).toLowerCase() === completion.query.toLowerCase();
        if (isComplete && event.key === "Enter") return false;
        accept(current.insertText);
      } else return false;
      event.preventDefault();
      event.stopPropagation();
      return true;
    },
  };
}

function toPersonSuggestion(person: Author): Suggestion {
  return { key: person.id, insertText: `@${person.username}`, label: person.username, person };
}

/** Suggests rooms, those whose title begins with the query first. */
function suggestRooms(query: string, number: number): readonly Suggestion[] {
  const needle = query.toLowerCase();
  const matches = chat.rooms
    .get()
    .rooms.filter(
      (room) => room.kind !== "direct" && room.number !== number && room.title.toLowerCase().includes(needle),
    );
  const begins = (title: string) => Number(title.toLowerCase().startsWith(needle));
  return matches
    .sort((a, b) => begins(b.title) - begins(a.title))
    .slice(0, MAX_SUGGESTIONS)
    .map((room) => ({ key: room.id, insertText: `#${room.title}`, label: `#${room.title}`, detail: room.topic }));
}

const DEBOUNCE_MS = 80;

/** Finds people who may read this room by name. Earlier results stay until the next answer, as far as they still match. */
function useMentionablePeople(query: string | undefined, room: string): readonly Author[] {
  const [found, setFound] = useState<readonly Author[]>([]);
  useEffect(() => {
    if (query === undefined) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      sendCommand("people.find", { query, room }, { signal: abort.signal }).then(
        ({ people }) => setFound(people),
        // Offline or rate limited: there are no suggestions then.
        () => {},
      );
    }, DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [query, room]);
  if (query === undefined) return [];
  const key = normalizeName(query);
  const me = chat.me.get()?.id;
  return found.filter((person) => person.id !== me && normalizeName(person.username).startsWith(key));
}
