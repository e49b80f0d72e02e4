import type { Message } from "@multichat/protocol";
import { useState } from "react";
import { type Draft, readDraft, writeDraft } from "../../state/drafts.ts";

const EMPTY: Draft = { text: "", replyTo: null };

export interface Writing {
  readonly text: string;
  /** The message of one's own that is being changed; null: something new is written. */
  readonly editing: Message | null;
  /** What the new message answers. */
  readonly replyTo: Message | null;
  readonly write: (text: string) => void;
  readonly reply: (message: Message | null) => void;
  /** Puts a message in; null: back to what was being written, which waited meanwhile. */
  readonly edit: (message: Message | null) => void;
  readonly clear: () => void;
}

/** What is in the composer of a room: the draft, kept across reloads, or for a while a message that is changed. */
export function useWriting(user: string, room: string): Writing {
  const [draft, setDraft] = useState(() => readDraft(user, room));
  const [edit, setEdit] = useState<{ readonly message: Message; readonly text: string } | null>(null);

  function keep(next: Draft): void {
    setDraft(next);
    writeDraft(user, room, next);
  }

  return {
    text: edit?.text ?? draft.text,
    editing: edit?.message ?? null,
    replyTo: edit === null ? draft.replyTo : null,
    write(text) {
      if (edit === null) keep({ ...draft, text });
      else setEdit({ ...edit, text });
    },
    reply: (replyTo) => keep({ ...draft, replyTo }),
    edit: (message) => setEdit(message === null ? null : { message, text: message.body }),
    clear: () => keep(EMPTY),
  };
}
