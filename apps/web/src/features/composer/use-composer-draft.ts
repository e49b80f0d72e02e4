import type { Message } from "@multichat/protocol";
import { useState } from "react";
import { type Draft, readDraft, writeDraft } from "../../state/storage/drafts.ts";

const EMPTY_DRAFT: Draft = { text: "", replyTo: null };

export interface ComposerDraft {
  readonly text: string;
  /** The message being edited; null for a new message. */
  readonly editing: Message | null;
  /** The message that the new one replies to. */
  readonly replyTo: Message | null;
  readonly setText: (text: string) => void;
  readonly setReplyTo: (message: Message | null) => void;
  /** Starts to edit a message; null returns to the draft of the new message. */
  readonly setEditing: (message: Message | null) => void;
  readonly clear: () => void;
}

/** The content of a room's composer: the stored draft of a new message, or temporarily a message being edited. */
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
