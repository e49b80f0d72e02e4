import { ClientBusy } from "@multichat/client";
import type { Author, Message } from "@multichat/protocol";
import {
  type KeyboardEvent,
  lazy,
  memo,
  type Ref,
  Suspense,
  useEffect,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { IconButton } from "../../components/forms/button.tsx";
import { VisuallyHidden } from "../../components/indicators/visually-hidden.tsx";
import { chat } from "../../connection/chat.ts";
import { useProfile } from "../../hooks/use-chat.ts";
import { useDescribeFailure } from "../../hooks/use-describe-failure.ts";
import { useTimeLeft } from "../../hooks/use-time-left.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { hasFinePointer } from "../../state/media.ts";
import { closeEmoji, complete, completionAt, type Edited } from "./completion.ts";
import styles from "./composer.module.css";
import { ComposerBar } from "./composer-bar.tsx";
import { cleanBody, countChars } from "./message-body.ts";
import { optionId, Suggestions } from "./suggestions.tsx";
import { TypingLine } from "./typing-line.tsx";
import { useWriting } from "./use-composer-draft.ts";
import { emojiTable, useSuggestions } from "./use-suggestions.ts";

const EmojiPicker = lazy(async () => ({
  default: (await import("../../components/emoji/emoji-picker.tsx")).EmojiPicker,
}));

export interface ComposerHandle {
  readonly focus: () => void;
  /** What is written next answers this message. */
  readonly reply: (message: Message) => void;
  /** Puts a message of one's own in, to be changed. */
  readonly edit: (message: Message) => void;
}

interface ComposerProps {
  /** The room's id and number. */
  readonly room: string;
  readonly number: number;
  readonly title: string;
  /** The keys go to this room: its composer takes the focus when it becomes so. */
  readonly active: boolean;
  readonly mayMentionAll: boolean;
  /** In slow mode: until when one waits, in milliseconds since 1970. */
  readonly slowUntil: number | null;
  readonly typing: readonly Author[];
  /** The latest message of one's own that can be edited. */
  readonly lastOwn: () => Message | undefined;
  /** The id of the message that is being edited. */
  readonly onEditing: (message: string | null) => void;
  readonly onSent: () => void;
  readonly ref?: Ref<ComposerHandle>;
}

/** From this share of the limit on, what is left of it is shown. */
const NEAR_THE_LIMIT = 0.9;

/** Where one writes. What is in it is kept for this room until it is sent, whatever happens. */
export const Composer = memo(function Composer({
  room,
  number,
  title,
  active,
  mayMentionAll,
  slowUntil,
  typing,
  lastOwn,
  onEditing,
  onSent,
  ref,
}: ComposerProps) {
  const { t } = useI18n();
  const describe = useDescribeFailure();
  const { me, limits } = useProfile();
  const writing = useWriting(me.id, room);
  const { text, editing, replyTo } = writing;
  const [problem, setProblem] = useState<string>();
  // Said to who tries to send in slow mode; the count that is seen goes down each second.
  const [tried, setTried] = useState("");
  const [saving, setSaving] = useState(false);
  const [picking, setPicking] = useState<DOMRect | null>(null);
  const [caret, setCaret] = useState(0);
  const field = useRef<HTMLTextAreaElement>(null);
  const editingNow = useRef<string>(undefined);
  const caretDue = useRef<number | null>(null);
  const note = useId();
  const list = useId();

  const suggestions = useSuggestions({
    completion: completionAt(text, caret),
    room,
    number,
    mayMentionAll,
  });
  const waiting = Math.ceil(useTimeLeft(editing === null ? slowUntil : null, 1000) / 1000);

  const body = cleanBody(text);
  // Counting is not free; far from the limit it is not needed: a code point has at most two units.
  const left = text.length < limits.messageChars * NEAR_THE_LIMIT ? undefined : limits.messageChars - countChars(body);
  const tooLong = left !== undefined && left < 0;
  const ready = body !== "" && !tooLong && waiting === 0;

  function begin(message: Message | null): void {
    setProblem(undefined);
    editingNow.current = message?.id;
    onEditing(message?.id ?? null);
    writing.edit(message);
    caretDue.current = message === null ? null : message.body.length;
    field.current?.focus();
  }

  useImperativeHandle(ref, () => ({
    focus: () => field.current?.focus(),
    reply(message) {
      begin(null);
      writing.reply(message);
    },
    edit: begin,
  }));

  useEffect(() => {
    if (!active || !hasFinePointer()) return;
    // The focus follows from the list or another column; it is not taken out of a dialog.
    if (document.activeElement?.closest("dialog") == null) field.current?.focus({ preventScroll: true });
  }, [active]);

  // Whoever leaves is not writing any more.
  useEffect(() => () => chat.room(room).stopTyping(), [room]);

  // As high as what is in it, up to the bound in the style sheet; and the caret where what was put in ends.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text is what the height depends on.
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null) return;
    element.style.blockSize = "auto";
    // An empty one is as high as its one row: to measure that would lay the page out once more, at first and after each message.
    if (text !== "") element.style.blockSize = `${element.scrollHeight}px`;
    if (caretDue.current === null) return;
    element.setSelectionRange(caretDue.current, caretDue.current);
    setCaret(caretDue.current);
    caretDue.current = null;
  }, [text, editing]);

  function change(typed: string, at: number): void {
    const closed = closeEmoji(typed, at, (name) => emojiTable()?.emojiNamed(name));
    if (closed !== undefined) caretDue.current = closed.caret;
    const next = closed?.text ?? typed;
    setProblem(undefined);
    setTried("");
    writing.write(next);
    setCaret(closed?.caret ?? at);
    if (next.trim() === "" || editing !== null) chat.room(room).stopTyping();
    else chat.room(room).typing();
  }

  function put({ text: next, caret: at }: Edited): void {
    caretDue.current = at;
    writing.write(next);
    field.current?.focus();
  }

  function take(chosen: string): void {
    const completion = completionAt(text, caret);
    if (completion !== undefined) put(complete(text, completion, chosen));
  }

  function insert(piece: string): void {
    const at = field.current?.selectionStart ?? text.length;
    put({ text: text.slice(0, at) + piece + text.slice(at), caret: at + piece.length });
  }

  function send(): void {
    if (!ready) {
      if (waiting > 0 && body !== "") setTried(t("composer.slow", { count: waiting }));
      return;
    }
    if (editing !== null) {
      void save(editing);
      return;
    }
    try {
      const sent = chat.room(room).send(body, replyTo === null ? {} : { replyTo });
      // A failure stands in the conversation, with the message.
      sent.delivered.catch(() => {});
    } catch (error) {
      if (!(error instanceof ClientBusy)) throw error;
      setProblem(t("composer.busy"));
      return;
    }
    setProblem(undefined);
    writing.clear();
    onSent();
    field.current?.focus();
  }

  async function save(message: Message): Promise<void> {
    if (saving) return;
    if (body === message.body) return begin(null);
    setSaving(true);
    try {
      await chat.room(room).edit(message.id, body);
      // Meanwhile somebody may have left it, or begun with another one.
      if (editingNow.current === message.id) begin(null);
    } catch (error) {
      setProblem(describe(error));
    } finally {
      setSaving(false);
    }
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
    // Keys that end the choice of a character in an input method are its own.
    if (event.nativeEvent.isComposing) return;
    if (suggestions.onKeyDown(event, take)) return;
    const plain = !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && (editing !== null || replyTo !== null)) {
      event.preventDefault();
      cancel();
    } else if (event.key === "ArrowUp" && plain && text === "" && editing === null) {
      const message = lastOwn();
      if (message === undefined) return;
      event.preventDefault();
      begin(message);
    }
  }

  function cancel(): void {
    if (editing !== null) begin(null);
    else writing.reply(null);
    field.current?.focus();
  }

  const slow = waiting > 0 && body !== "" ? t("composer.slow", { count: waiting }) : undefined;
  const told = problem ?? (tooLong ? t("composer.tooLong", { count: -left }) : undefined);
  const bad = told !== undefined;
  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Suggestions id={list} suggestions={suggestions} onTake={take} />
      <ComposerBar editing={editing} replyTo={replyTo} onCancel={cancel} />
      <div
        className={styles.box}
        data-problem={bad || undefined}
        data-joined={editing !== null || replyTo !== null || undefined}
      >
        <textarea
          ref={field}
          className={styles.field}
          rows={1}
          dir="auto"
          enterKeyHint="send"
          aria-label={t("composer.label", { room: title })}
          aria-describedby={note}
          aria-invalid={bad || undefined}
          aria-autocomplete="list"
          aria-haspopup="listbox"
          aria-controls={suggestions.open ? list : undefined}
          aria-activedescendant={suggestions.open ? optionId(list, suggestions.at) : undefined}
          placeholder={t("composer.placeholder", { room: title })}
          value={text}
          onChange={({ target }) => change(target.value, target.selectionStart)}
          onSelect={({ currentTarget }) => setCaret(currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
          onBlur={suggestions.dismiss}
        />
        <IconButton
          icon="smile"
          size="small"
          label={t("composer.emoji")}
          aria-haspopup="dialog"
          aria-expanded={picking !== null}
          onClick={({ currentTarget }) => setPicking(currentTarget.getBoundingClientRect())}
        />
        <IconButton
          type="submit"
          icon={editing === null ? "send" : "check"}
          size="small"
          label={t(editing === null ? "composer.send" : "composer.save")}
          look={ready ? "primary" : "quiet"}
          aria-disabled={!ready}
          busy={saving}
        />
      </div>
      <div className={styles.foot}>
        <TypingLine typing={typing} />
        {slow !== undefined && (
          <p className={styles.note} aria-hidden="true">
            {slow}
          </p>
        )}
        <div role="status">
          <VisuallyHidden>{tried}</VisuallyHidden>
        </div>
        <p id={note} className={styles.note} data-problem={bad || undefined} role="status">
          {told ?? (left === undefined ? "" : t("composer.left", { count: left }))}
        </p>
      </div>
      {picking !== null && (
        <Suspense fallback={null}>
          <EmojiPicker
            at={picking}
            onPick={(emoji) => {
              setPicking(null);
              insert(emoji);
            }}
            onClose={() => {
              setPicking(null);
              field.current?.focus();
            }}
          />
        </Suspense>
      )}
    </form>
  );
});
