import type { Message } from "@multichat/protocol";
import { useState } from "react";
import { type Draft, readDraft, writeDraft } from "../../state/drafts.ts";

const EMPTY_DRAFT: Draft = { text: "", replyTo: null };

export interface ComposerDraft {
  readonly text: string;
  /** The message of one's own that is being changed; null: something new is written. */
  readonly editing: Message | null;
  /** What the new message answers. */
  readonly replyTo: Message | null;
  readonly setText: (text: string) => void;
  readonly setReplyTo: (message: Message | null) => void;
  /** Puts a message in; null: back to what was being written, which waited meanwhile. */
  readonly setEditing: (message: Message | null) => void;
  readonly clear: () => void;
}

/** What is in the composer of a room: the draft, kept across reloads, or for a while a message that is changed. */
export function useComposerDraft(user: string, room: string): ComposerDraft {
  const [draft, setDraft] = useState(() => readDraft(user, room));
  const [edit, setEdit] = useState<{ readonly message: Message; readonly text: string } | null>(null);

  function saveDraft(next: Draft): void {
    setDraft(next);
    writeDraft(user, room, next);
  }

  return {
    text: edit?.text ?? draft.text,
    editing: edit?.message ?? null,
    replyTo: edit === null ? draft.replyTo : null,
    setText(text) {
      if (edit === null) saveDraft({ ...draft, text });
      else setEdit({ ...edit, text });
    },
    setReplyTo: (replyTo) => saveDraft({ ...draft, replyTo }),
    setEditing: (message) => setEdit(message === null ? null : { message, text: message.body }),
    clear: () => saveDraft(EMPTY_DRAFT),
  };
}
