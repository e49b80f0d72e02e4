import type { Author } from "@multichat/protocol";
import { type KeyboardEvent, useEffect, useState } from "react";
import { chat } from "../../connection/chat.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { MENTION_ALL, normalizeName } from "../../markup/mentions.ts";
import type { Completion } from "./completion.ts";

export interface Suggestion {
  readonly key: string;
  /** What is put into the text. */
  readonly insertText: string;
  /** What it is called. */
  readonly label: string;
  /** What it is, in a few words. */
  readonly detail?: string;
  /** For a person: whose picture stands before it. */
  readonly person?: Author;
  /** For an emoji: itself. */
  readonly emoji?: string;
}

export interface SuggestionsState {
  readonly kind: Completion["kind"];
  readonly suggestions: readonly Suggestion[];
  readonly open: boolean;
  /** The index of the one that Enter takes. */
  readonly activeIndex: number;
  /** Takes no more of what was half-written, until something else is. */
  readonly dismiss: () => void;
  /** @returns whether the key was meant for the suggestions */
  readonly onKeyDown: (event: KeyboardEvent, take: (chosen: string) => void) => boolean;
}

interface Options {
  readonly completion: Completion | undefined;
  /** The room's id and number. */
  readonly roomId: string;
  readonly roomNumber: number;
  readonly canMentionAll: boolean;
}

/** Shown at once, at most. */
const MAX_SUGGESTIONS = 8;

/** What can be put in the place of what is half-written. */
export function useSuggestions({ completion, roomId, roomNumber, canMentionAll }: Options): SuggestionsState {
  const { t } = useI18n();
  const people = useMentionablePeople(completion?.kind === "person" ? completion.query : undefined, roomId);
  const emoji = useEmojiTable(completion?.kind === "emoji");
  const [dismissed, setDismissed] = useState<number>();
  const [chosen, setChosen] = useState({ of: "", at: 0 });

  const suggestions = suggest();
  const completionKey = completion === undefined ? "" : `${completion.kind} ${completion.from} ${completion.query}`;
  const activeIndex = chosen.of === completionKey ? Math.min(chosen.at, suggestions.length - 1) : 0;
  const open = completion !== undefined && suggestions.length > 0 && dismissed !== completion.from;
  if (completion === undefined && dismissed !== undefined) setDismissed(undefined);

  function suggest(): readonly Suggestion[] {
    switch (completion?.kind) {
      case "person": {
        const all = {
          key: "@",
          insertText: `@${MENTION_ALL}`,
          label: `@${MENTION_ALL}`,
          detail: t("composer.everybody"),
        };
        const everybody = canMentionAll && MENTION_ALL.startsWith(normalizeName(completion.query)) ? [all] : [];
        return [...people.map(toPersonSuggestion), ...everybody].slice(0, MAX_SUGGESTIONS);
      }
      case "room":
        return suggestRooms(completion.query, roomNumber);
      case "emoji":
        return (emoji?.searchEmoji(completion.query, MAX_SUGGESTIONS) ?? []).map((match) => ({
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
    onKeyDown(event, take) {
      const current = suggestions[activeIndex];
      if (!open || current === undefined || completion === undefined) return false;
      const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      if (step !== 0)
        setChosen({ of: completionKey, at: (activeIndex + step + suggestions.length) % suggestions.length });
      else if (event.key === "Escape") setDismissed(completion.from);
      else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) {
        // What is written out already needs no taking: Enter sends it.
        const isComplete = current.insertText.slice(1).toLowerCase() === completion.query.toLowerCase();
        if (isComplete && event.key === "Enter") return false;
        take(current.insertText);
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

/** Rooms of the list, those whose name begins so first. */
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

/** Milliseconds after the last key before the server is asked. */
const DEBOUNCE_MS = 80;

/** Who may read this room and whose name begins so; what was found last stays until the next answer, as far as it fits. */
function useMentionablePeople(query: string | undefined, room: string): readonly Author[] {
  const [found, setFound] = useState<readonly Author[]>([]);
  useEffect(() => {
    if (query === undefined) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      chat.request("people.find", { query, room }, { signal: abort.signal }).then(
        ({ people }) => setFound(people),
        // Away, or too much at once: one goes on writing without.
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

type EmojiTable = typeof import("../../components/emoji/emoji-table.ts");
let emojiTableModule: EmojiTable | undefined;

/** The table of emoji, once somebody has needed it. */
export function getEmojiTable(): EmojiTable | undefined {
  return emojiTableModule;
}

function useEmojiTable(needed: boolean): EmojiTable | undefined {
  const [loaded, setLoaded] = useState(emojiTableModule);
  useEffect(() => {
    if (!needed || loaded !== undefined) return;
    import("../../components/emoji/emoji-table.ts").then(
      (table) => {
        emojiTableModule = table;
        setLoaded(table);
      },
      // It could not be fetched: there are no suggestions then.
      () => {},
    );
  }, [needed, loaded]);
  return loaded;
}
