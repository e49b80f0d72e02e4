import type { Author } from "@multichat/protocol";
import { type KeyboardEvent, useEffect, useState } from "react";
import { chat } from "../../connection/chat.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { EVERYBODY, nameKey } from "../../markup/mentions.ts";
import type { Completion } from "./completion.ts";

export interface Suggestion {
  readonly key: string;
  /** What is put into the text. */
  readonly put: string;
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
  readonly list: readonly Suggestion[];
  readonly open: boolean;
  /** The index of the one that Enter takes. */
  readonly at: number;
  /** Takes no more of what was half-written, until something else is. */
  readonly dismiss: () => void;
  /** @returns whether the key was meant for the suggestions */
  readonly onKeyDown: (event: KeyboardEvent, take: (chosen: string) => void) => boolean;
}

interface Options {
  readonly completion: Completion | undefined;
  /** The room's id and number. */
  readonly room: string;
  readonly number: number;
  readonly mayMentionAll: boolean;
}

/** Shown at once, at most. */
const MOST = 8;

/** What can be put in the place of what is half-written. */
export function useSuggestions({ completion, room, number, mayMentionAll }: Options): SuggestionsState {
  const { t } = useI18n();
  const people = usePeople(completion?.kind === "person" ? completion.query : undefined, room);
  const emoji = useEmoji(completion?.kind === "emoji");
  const [dismissed, setDismissed] = useState<number>();
  const [chosen, setChosen] = useState({ of: "", at: 0 });

  const list = suggest();
  const asked = completion === undefined ? "" : `${completion.kind} ${completion.from} ${completion.query}`;
  const at = chosen.of === asked ? Math.min(chosen.at, list.length - 1) : 0;
  const open = completion !== undefined && list.length > 0 && dismissed !== completion.from;
  if (completion === undefined && dismissed !== undefined) setDismissed(undefined);

  function suggest(): readonly Suggestion[] {
    switch (completion?.kind) {
      case "person": {
        const all = { key: "@", put: `@${EVERYBODY}`, label: `@${EVERYBODY}`, detail: t("composer.everybody") };
        const everybody = mayMentionAll && EVERYBODY.startsWith(nameKey(completion.query)) ? [all] : [];
        return [...people.map(personSuggestion), ...everybody].slice(0, MOST);
      }
      case "room":
        return roomsNamed(completion.query, number);
      case "emoji":
        return (emoji?.findEmoji(completion.query, MOST) ?? []).map((one) => ({
          key: one.emoji,
          put: one.emoji,
          label: `:${one.names[0]}:`,
          emoji: one.emoji,
        }));
      case undefined:
        return [];
    }
  }

  return {
    kind: completion?.kind ?? "person",
    list,
    open,
    at,
    dismiss: () => setDismissed(completion?.from),
    onKeyDown(event, take) {
      const current = list[at];
      if (!open || current === undefined || completion === undefined) return false;
      const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      if (step !== 0) setChosen({ of: asked, at: (at + step + list.length) % list.length });
      else if (event.key === "Escape") setDismissed(completion.from);
      else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) {
        // What is written out already needs no taking: Enter sends it.
        const whole = current.put.slice(1).toLowerCase() === completion.query.toLowerCase();
        if (whole && event.key === "Enter") return false;
        take(current.put);
      } else return false;
      event.preventDefault();
      event.stopPropagation();
      return true;
    },
  };
}

function personSuggestion(person: Author): Suggestion {
  return { key: person.id, put: `@${person.username}`, label: person.username, person };
}

/** Rooms of the list, those whose name begins so first. */
function roomsNamed(query: string, number: number): readonly Suggestion[] {
  const asked = query.toLowerCase();
  const named = chat.rooms
    .get()
    .rooms.filter(
      (room) => room.kind !== "direct" && room.number !== number && room.title.toLowerCase().includes(asked),
    );
  const begins = (title: string) => Number(title.toLowerCase().startsWith(asked));
  return named
    .sort((a, b) => begins(b.title) - begins(a.title))
    .slice(0, MOST)
    .map((room) => ({ key: room.id, put: `#${room.title}`, label: `#${room.title}`, detail: room.topic }));
}

/** Milliseconds after the last key before the server is asked. */
const PAUSE_MS = 80;

/** Who may read this room and whose name begins so; what was found last stays until the next answer, as far as it fits. */
function usePeople(query: string | undefined, room: string): readonly Author[] {
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
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [query, room]);
  if (query === undefined) return [];
  const key = nameKey(query);
  const me = chat.me.get()?.id;
  return found.filter((person) => person.id !== me && nameKey(person.username).startsWith(key));
}

type EmojiTable = typeof import("../../components/emoji/emoji-table.ts");
let table: EmojiTable | undefined;

/** The table of emoji, once somebody has needed it. */
export function emojiTable(): EmojiTable | undefined {
  return table;
}

function useEmoji(needed: boolean): EmojiTable | undefined {
  const [here, setHere] = useState(table);
  useEffect(() => {
    if (!needed || here !== undefined) return;
    import("../../components/emoji/emoji-table.ts").then(
      (loaded) => {
        table = loaded;
        setHere(loaded);
      },
      // It could not be fetched: there are no suggestions then.
      () => {},
    );
  }, [needed, here]);
  return here;
}
