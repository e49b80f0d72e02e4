import { ClientBusy } from "@multichat/client";
import {
  type KeyboardEvent,
  memo,
  type Ref,
  useEffect,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { IconButton } from "../../components/button.tsx";
import { chat } from "../../connection/chat.ts";
import { useProfile } from "../../stores/chat.ts";
import { readDraft, writeDraft } from "../../stores/drafts.ts";
import { useI18n } from "../../stores/i18n/i18n.ts";
import { hasFinePointer } from "../../stores/media.ts";
import styles from "./composer.module.css";
import { cleanBody, countChars } from "./message-body.ts";

export interface ComposerHandle {
  readonly focus: () => void;
}

interface ComposerProps {
  /** The room's id. */
  readonly room: string;
  readonly title: string;
  /** The keys go to this room: its composer takes the focus when it becomes so. */
  readonly active: boolean;
  readonly onSent: () => void;
  readonly ref?: Ref<ComposerHandle>;
}

/** From this share of the limit on, what is left of it is shown. */
const NEAR_THE_LIMIT = 0.9;

/** Where one writes. What is in it is kept for this room until it is sent, whatever happens. */
export const Composer = memo(function Composer({ room, title, active, onSent, ref }: ComposerProps) {
  const { t } = useI18n();
  const { me, limits } = useProfile();
  const [text, setText] = useState(() => readDraft(me.id, room));
  const [problem, setProblem] = useState<string>();
  const field = useRef<HTMLTextAreaElement>(null);
  const note = useId();

  const body = cleanBody(text);
  // Counting is not free; far from the limit it is not needed: a code point has at most two units.
  const left = text.length < limits.messageChars * NEAR_THE_LIMIT ? undefined : limits.messageChars - countChars(body);
  const tooLong = left !== undefined && left < 0;

  useImperativeHandle(ref, () => ({ focus: () => field.current?.focus() }), []);

  useEffect(() => {
    if (!active || !hasFinePointer()) return;
    // The focus follows from the list or another column; it is not taken out of a dialog.
    if (document.activeElement?.closest("dialog") == null) field.current?.focus({ preventScroll: true });
  }, [active]);

  // As high as what is in it, up to the bound in the style sheet.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is what the height depends on.
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null) return;
    element.style.blockSize = "auto";
    element.style.blockSize = `${element.scrollHeight}px`;
  }, [text]);

  function change(next: string): void {
    setText(next);
    setProblem(undefined);
    writeDraft(me.id, room, next);
  }

  function send(): void {
    if (body === "" || tooLong) return;
    try {
      const sent = chat.room(room).send(body);
      // A failure stands in the conversation, with the message.
      sent.delivered.catch(() => {});
    } catch (error) {
      if (!(error instanceof ClientBusy)) throw error;
      setProblem(t("composer.busy"));
      return;
    }
    change("");
    onSent();
    field.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
    // Enter that ends the choice of a character in an input method sends nothing.
    if (event.key !== "Enter" || event.shiftKey || event.altKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  }

  const told = problem ?? (tooLong ? t("composer.tooLong", { count: -left }) : undefined);
  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <div className={styles.box} data-problem={told !== undefined || undefined}>
        <textarea
          ref={field}
          className={styles.field}
          rows={1}
          dir="auto"
          enterKeyHint="send"
          aria-label={t("composer.label", { room: title })}
          aria-describedby={note}
          aria-invalid={told !== undefined || undefined}
          placeholder={t("composer.placeholder", { room: title })}
          value={text}
          onChange={(event) => change(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <IconButton
          type="submit"
          icon="send"
          size="small"
          label={t("composer.send")}
          look={body === "" || tooLong ? "quiet" : "primary"}
          aria-disabled={body === "" || tooLong}
        />
      </div>
      <p id={note} className={styles.note} data-problem={told !== undefined || undefined} role="status">
        {told ?? (left === undefined ? "" : t("composer.left", { count: left }))}
      </p>
    </form>
  );
});
