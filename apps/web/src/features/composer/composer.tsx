import { ClientBusy } from "@multichat/client";
import type { Author, Message } from "@multichat/protocol";
import {
  type ClipboardEvent,
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
import { IconButton } from "../../components/forms/button.tsx";
import { VisuallyHidden } from "../../components/indicators/visually-hidden.tsx";
import { chat } from "../../connection/chat.ts";
import { useProfile } from "../../hooks/use-chat.ts";
import { useDescribeFailure } from "../../hooks/use-describe-failure.ts";
import { useTimeLeft } from "../../hooks/use-time-left.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { lazyComponent } from "../../i18n/lazy-component.ts";
import { isUploading, listUploaded } from "../../state/attachments/attachments.ts";
import { hasFinePointer } from "../../state/media.ts";
import { IS_APPLE } from "../../state/platform.ts";
import { setPreferences, usePreferences } from "../../state/storage/preferences.ts";
import { getEmojiCatalog, loadEmojiCatalog } from "../emoji/use-emoji-catalog.ts";
import { listFiles, useAttachments } from "./attachments/use-attachments.ts";
import {
  applyCompletion,
  findCompletion,
  hasShortcode,
  isInsideCode,
  replaceShortcode,
  replaceShortcodes,
  type TextEdit,
} from "./completion.ts";
import styles from "./composer.module.css";
import { applyFormat, type FieldEdit, type Format, findFormat } from "./formatting/formatting.ts";
import { countCodePoints, expandShrug, normalizeBody } from "./message-body.ts";
import { Placeholder } from "./placeholder.tsx";
import { useComposerDraft } from "./use-composer-draft.ts";
import { getOptionId, useSuggestions } from "./use-suggestions.ts";

// Loaded after the page.
const TypingLine = lazyComponent(
  () => import("./typing-line.tsx"),
  "TypingLine",
  () => <p />,
);
const ComposerBar = lazyComponent(() => import("./composer-bar.tsx"), "ComposerBar");
const AttachmentTray = lazyComponent(() => import("./attachments/attachment-tray.tsx"), "AttachmentTray");
const Suggestions = lazyComponent(() => import("./suggestions.tsx"), "Suggestions");
const FormatBar = lazyComponent(() => import("./formatting/format-bar.tsx"), "FormatBar");
const EmojiPicker = lazyComponent(() => import("../emoji/emoji-picker.tsx"), "EmojiPicker");

export interface ComposerHandle {
  readonly focus: () => void;
  /** Makes the next message a reply to this one. */
  readonly reply: (message: Message) => void;
  /** Loads a message of the user for editing. */
  readonly edit: (message: Message) => void;
  /** Inserts a mention at the caret. */
  readonly mention: (username: string) => void;
}

interface ComposerProps {
  /** The room's id and number. */
  readonly roomId: string;
  readonly roomNumber: number;
  readonly title: string;
  /** The room is the active column: its composer takes the focus when it becomes active. */
  readonly active: boolean;
  readonly canMentionAll: boolean;
  /** When slow mode allows the next message, in milliseconds since 1970. */
  readonly slowUntil: number | null;
  readonly typing: readonly Author[];
  /** Returns the user's latest message that can be edited. */
  readonly findLastEditable: () => Message | undefined;
  /** The id of the message that is being edited. */
  readonly onEditing: (message: string | null) => void;
  readonly onSent: () => void;
  readonly handle?: Ref<ComposerHandle>;
}

/** What a press of Enter sends. */
interface Draft {
  readonly text: string;
  readonly editing: Message | null;
  readonly replyTo: unknown;
}

interface SendOptions {
  /** The draft when Enter was pressed, before the names of emoji were loaded. */
  readonly afterWaiting?: Draft;
}

function isSameDraft(a: Draft, b: Draft): boolean {
  return a.text === b.text && a.editing === b.editing && a.replyTo === b.replyTo;
}

/** From this share of the limit on, the remaining characters are shown. */
const LIMIT_WARNING_RATIO = 0.9;

/** Copied code has colors only, and is pasted as it is. */
const FORMATTED =
  /<(?:b|strong|i|em|s|del|strike|a|code|kbd|pre|ul|ol|table|blockquote|h[1-6]|hr)[\s>/]|font-weight:\s*(?:bold|[6-9]00)|font-style:\s*italic|line-through|mso-list:/i;
const EMOJI_TIMEOUT_MS = 2_000;
const elapsed = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const findEmoji = (name: string): string | undefined => getEmojiCatalog()?.findByName(name);

/** The message field of a room. Its text is stored for the room until it is sent. */
export const Composer = memo(function Composer({
  roomId,
  roomNumber,
  title,
  active,
  canMentionAll,
  slowUntil,
  typing,
  findLastEditable,
  onEditing,
  onSent,
  handle,
}: ComposerProps) {
  const { t, locale } = useI18n();
  const describe = useDescribeFailure();
  const { me, limits } = useProfile();
  const draft = useComposerDraft(me.id, roomId);
  const { text, editing, replyTo } = draft;
  const [problem, setProblem] = useState<string>();
  // Announced on an attempt to send in slow mode; the visible countdown changes every second and is not announced.
  const [slowModeNotice, setSlowModeNotice] = useState("");
  const [saving, setSaving] = useState(false);
  const [emojiAnchor, setEmojiAnchor] = useState<DOMRect | null>(null);
  const [caret, setCaret] = useState(0);
  const field = useRef<HTMLTextAreaElement>(null);
  const editingId = useRef<string>(undefined);
  const pendingCaret = useRef<number | null>(null);
  const { formattingBar } = usePreferences();
  const isWaitingForEmoji = useRef(false);
  const attachments = useAttachments(roomId, field);
  const [isWaitingForFiles, setIsWaitingForFiles] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const latestSend = useRef<(options: SendOptions) => void>(() => {});
  const noteId = useId();
  const listId = useId();

  const suggestions = useSuggestions({
    completion: findCompletion(text, caret),
    roomId,
    roomNumber,
    canMentionAll,
  });
  const slowSeconds = Math.ceil(useTimeLeft(editing === null ? slowUntil : null, 1000) / 1000);

  const body = normalizeBody(text);
  // Counting is not free, and not needed far from the limit: a code point has at most two code units.
  const charsLeft =
    text.length < limits.messageChars * LIMIT_WARNING_RATIO ? undefined : limits.messageChars - countCodePoints(body);
  const tooLong = charsLeft !== undefined && charsLeft < 0;
  // Files belong to the next message, not to one that is edited.
  const files = editing === null ? attachments.list : [];
  const hasFailedFile = files.some(({ state }) => state.kind === "failed");
  const canSend = (body !== "" || files.length > 0) && !tooLong && !hasFailedFile && slowSeconds === 0;

  function startEditing(message: Message | null): void {
    setProblem(undefined);
    editingId.current = message?.id;
    onEditing(message?.id ?? null);
    draft.setEditing(message);
    pendingCaret.current = message === null ? null : message.body.length;
    field.current?.focus();
  }

  useImperativeHandle(handle, () => ({
    focus: () => field.current?.focus(),
    reply(message) {
      startEditing(null);
      draft.setReplyTo(message);
    },
    edit: startEditing,
    mention(username) {
      const { selectionStart: at = text.length } = field.current ?? {};
      const needsSpace = at > 0 && !/\s/.test(text.charAt(at - 1));
      field.current?.focus();
      insert(`${needsSpace ? " " : ""}@${username} `);
    },
  }));

  useEffect(() => {
    if (!active || !hasFinePointer()) return;
    // The focus moves here from the list or another column, but never out of a dialog, nor from where the keyboard has just
    // arrived in this column.
    const focused = document.activeElement;
    if (focused?.closest("dialog") != null || field.current?.closest("section")?.contains(focused) === true) return;
    field.current?.focus({ preventScroll: true });
  }, [active]);

  useEffect(() => {
    const followCaret = (): void => {
      const element = field.current;
      if (element !== null && document.activeElement === element) setCaret(element.selectionStart);
    };
    document.addEventListener("selectionchange", followCaret);
    return () => document.removeEventListener("selectionchange", followCaret);
  }, []);

  // Leaving the room ends typing.
  useEffect(() => () => chat.room(roomId).stopTyping(), [roomId]);

  // Fits the height to the text, up to the maximum of the style sheet, and places the caret after inserted text.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height depends on the text.
  useLayoutEffect(() => {
    const element = field.current;
    if (element === null) return;
    element.style.blockSize = "auto";
    // An empty field is one row high; measuring it would force another layout at first and after each message.
    if (text !== "") element.style.blockSize = `${element.scrollHeight}px`;
    if (pendingCaret.current === null) return;
    element.setSelectionRange(pendingCaret.current, pendingCaret.current);
    setCaret(pendingCaret.current);
    pendingCaret.current = null;
  }, [text, editing]);

  function change(typed: string, caretPosition: number): void {
    const edit = replaceShortcode(typed, caretPosition, findEmoji);
    if (edit !== undefined) pendingCaret.current = edit.caret;
    const next = edit?.text ?? typed;
    setProblem(undefined);
    setSlowModeNotice("");
    setIsWaitingForFiles(false);
    draft.setText(next);
    setCaret(edit?.caret ?? caretPosition);
    if (next.trim() === "" || editing !== null) chat.room(roomId).stopTyping();
    else chat.room(roomId).typing();
  }

  function replaceText({ text: next, caret: nextCaret }: TextEdit): void {
    pendingCaret.current = nextCaret;
    draft.setText(next);
    field.current?.focus();
  }

  function acceptSuggestion(chosen: string): void {
    const completion = findCompletion(text, caret);
    if (completion !== undefined) replaceText(applyCompletion(text, completion, chosen));
  }

  /** Changes the field like a user who types, so that the browser can undo it. */
  function typeEdit({ from, to, insert: typed, selection: [start, end] }: FieldEdit): void {
    const element = field.current;
    if (element === null) return;
    element.focus();
    element.setSelectionRange(from, to);
    if (from === to && typed === "") {
      element.setSelectionRange(start, end);
      return;
    }
    // The only way to keep the history of a field; no browser is about to remove it.
    const isTyped = typed === "" ? document.execCommand("delete") : document.execCommand("insertText", false, typed);
    if (isTyped) element.setSelectionRange(start, end);
    else replaceText({ text: element.value.slice(0, from) + typed + element.value.slice(to), caret: end });
  }

  function insert(inserted: string): void {
    const { selectionStart: from = text.length, selectionEnd: to = text.length } = field.current ?? {};
    const caretPosition = from + inserted.length;
    typeEdit({ from, to, insert: inserted, selection: [caretPosition, caretPosition] });
  }

  function format(kind: Format): void {
    const { value = text, selectionStart: from = 0, selectionEnd: to = 0 } = field.current ?? {};
    typeEdit(applyFormat(value, { from, to }, kind));
  }

  /** Pastes formatted text as Markdown. Text that is pasted without its format has none here. */
  function onPaste(event: ClipboardEvent<HTMLTextAreaElement>): void {
    const { clipboardData: data, currentTarget: element } = event;
    const [html, plain] = [data.getData("text/html"), data.getData("text/plain")];
    // An office program adds a picture of the text to the text.
    const pastedFiles = plain === "" && editing === null && attachments.areAllowed ? listFiles(data) : [];
    if (pastedFiles.length > 0) {
      event.preventDefault();
      attachments.add(pastedFiles);
      return;
    }
    const isInCode = isInsideCode(element.value, element.selectionStart);
    if (!FORMATTED.test(html) || data.files.length > 0 || isInCode) return;
    event.preventDefault();
    void import("./paste/paste-html.ts")
      .then(({ htmlToMarkdown }) => htmlToMarkdown(html))
      // Where it cannot be loaded, the text is better than nothing.
      .catch(() => undefined)
      .then((markdown) => insert(markdown ?? plain));
  }

  /** What is sent: with emoji in place of their names, and `/shrug` carried out. */
  function finishBody(): string {
    const withEmoji = replaceShortcodes(body, findEmoji);
    return editing === null ? expandShrug(withEmoji) : withEmoji;
  }

  function send({ afterWaiting }: SendOptions = {}): void {
    const asked = { text, editing, replyTo };
    // What was written meanwhile was not meant to be sent, or for another message.
    if (afterWaiting !== undefined && !isSameDraft(afterWaiting, asked)) return;
    if (!canSend) {
      if (slowSeconds > 0 && (body !== "" || files.length > 0))
        setSlowModeNotice(t("composer.slowMode", { count: slowSeconds }));
      return;
    }
    if (afterWaiting === undefined && hasShortcode(body) && getEmojiCatalog() === undefined) {
      if (isWaitingForEmoji.current) return;
      isWaitingForEmoji.current = true;
      // Typed faster than the names of emoji were loaded. Without them, it is sent as it was typed.
      void Promise.race([loadEmojiCatalog(locale), elapsed(EMOJI_TIMEOUT_MS)])
        .catch(() => {})
        .then(() => {
          isWaitingForEmoji.current = false;
          latestSend.current({ afterWaiting: asked });
        });
      return;
    }
    if (editing !== null) {
      void save(editing);
      return;
    }
    if (isUploading(files)) {
      setIsWaitingForFiles(true);
      return;
    }
    try {
      const uploaded = listUploaded(files);
      const sent = chat.room(roomId).send(finishBody(), {
        ...(replyTo === null ? {} : { replyTo }),
        ...(uploaded.length === 0 ? {} : { files: uploaded }),
      });
      // A failure is shown in the conversation, at the message.
      sent.delivered.catch(() => {});
    } catch (error) {
      if (!(error instanceof ClientBusy)) throw error;
      setProblem(t("composer.queueFull"));
      return;
    }
    setProblem(undefined);
    draft.clear();
    attachments.store.clear();
    onSent();
    field.current?.focus();
  }

  latestSend.current = send;

  // Sent as soon as its files are there; a file that failed, or another change, ends the wait.
  const areFilesReady = !isUploading(files);
  useEffect(() => {
    if (!isWaitingForFiles || !areFilesReady) return;
    setIsWaitingForFiles(false);
    latestSend.current({});
  }, [isWaitingForFiles, areFilesReady]);

  async function save(message: Message): Promise<void> {
    if (saving) return;
    const finished = finishBody();
    if (finished === message.body) return startEditing(null);
    setSaving(true);
    try {
      await chat.room(roomId).edit(message.id, finished);
      // Meanwhile the user may have cancelled, or started to edit another message.
      if (editingId.current === message.id) startEditing(null);
    } catch (error) {
      setProblem(describe(error));
    } finally {
      setSaving(false);
    }
  }

  function onKeyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
    // While an input method composes a character, the keys belong to it.
    if (event.nativeEvent.isComposing) return;
    if (suggestions.onKeyDown(event, acceptSuggestion)) return;
    const { selectionStart, selectionEnd } = event.currentTarget;
    const kind = findFormat(event, { hasSelection: selectionStart !== selectionEnd, isApple: IS_APPLE });
    if (kind !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      format(kind);
      return;
    }
    const plain = !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && (editing !== null || replyTo !== null)) {
      event.preventDefault();
      cancel();
    } else if (event.key === "ArrowUp" && plain && text === "" && editing === null) {
      const message = findLastEditable();
      if (message === undefined) return;
      event.preventDefault();
      startEditing(message);
    }
  }

  function cancel(): void {
    if (editing !== null) startEditing(null);
    else draft.setReplyTo(null);
    field.current?.focus();
  }

  const slowModeText = slowSeconds > 0 && body !== "" ? t("composer.slowMode", { count: slowSeconds }) : undefined;
  const errorText =
    problem ?? attachments.problem ?? (tooLong ? t("composer.tooLong", { count: -charsLeft }) : undefined);
  const hasError = errorText !== undefined;
  return (
    <form
      className={styles.composer}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Suggestions id={listId} suggestions={suggestions} onAccept={acceptSuggestion} />
      <ComposerBar editing={editing} replyTo={replyTo} onCancel={cancel} />
      {files.length > 0 && (
        <AttachmentTray attachments={files} onRetry={attachments.store.retry} onRemove={attachments.remove} />
      )}
      <div
        className={styles.box}
        data-problem={hasError || undefined}
        data-joined={editing !== null || replyTo !== null || undefined}
      >
        <div className={styles.text}>
          <textarea
            ref={field}
            className={styles.field}
            rows={1}
            dir={text === "" ? undefined : "auto"}
            enterKeyHint="send"
            aria-label={t("composer.label", { room: title })}
            aria-describedby={noteId}
            aria-invalid={hasError || undefined}
            aria-autocomplete="list"
            aria-haspopup="listbox"
            aria-controls={suggestions.open ? listId : undefined}
            aria-activedescendant={suggestions.open ? getOptionId(listId, suggestions.activeIndex) : undefined}
            value={text}
            onChange={({ target }) => change(target.value, target.selectionStart)}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
            onBlur={suggestions.dismiss}
          />
          {text === "" && <Placeholder room={title} />}
        </div>
        {attachments.areAllowed && editing === null && (
          <>
            <IconButton
              icon="paperclip"
              size="small"
              label={t("composer.attach")}
              onClick={() => picker.current?.click()}
            />
            <input
              ref={picker}
              type="file"
              multiple
              hidden
              onChange={({ target }) => {
                attachments.add([...(target.files ?? [])]);
                // The same file can be chosen again.
                target.value = "";
              }}
            />
          </>
        )}
        <IconButton
          icon="format"
          size="small"
          label={t("composer.format")}
          aria-pressed={formattingBar}
          onClick={() => {
            setPreferences({ formattingBar: !formattingBar });
            field.current?.focus();
          }}
        />
        <IconButton
          icon="smile"
          size="small"
          label={t("composer.addEmoji")}
          aria-haspopup="dialog"
          aria-expanded={emojiAnchor !== null}
          onClick={({ currentTarget }) => setEmojiAnchor(currentTarget.getBoundingClientRect())}
        />
        <IconButton
          type="submit"
          icon={editing === null ? "send" : "check"}
          size="small"
          label={t(editing === null ? "composer.send" : "composer.save")}
          variant={canSend ? "primary" : "quiet"}
          aria-disabled={!canSend}
          busy={saving || isWaitingForFiles}
        />
        {attachments.isDropTarget && <p className={styles.dropTarget}>{t("files.drop", { room: title })}</p>}
      </div>
      {formattingBar && <FormatBar onFormat={format} />}
      <div className={styles.footer}>
        <TypingLine typing={typing} />
        {slowModeText !== undefined && (
          <p className={styles.note} aria-hidden="true">
            {slowModeText}
          </p>
        )}
        <div role="status">
          <VisuallyHidden>{slowModeNotice}</VisuallyHidden>
        </div>
        <p id={noteId} className={styles.note} data-problem={hasError || undefined} role="status">
          {errorText ??
            (isWaitingForFiles ? t("files.waiting") : undefined) ??
            (charsLeft === undefined ? "" : t("composer.charactersLeft", { count: charsLeft }))}
        </p>
      </div>
      {emojiAnchor !== null && (
        <EmojiPicker
          anchor={emojiAnchor}
          onPick={(emoji) => {
            setEmojiAnchor(null);
            insert(emoji);
          }}
          onClose={() => {
            setEmojiAnchor(null);
            field.current?.focus();
          }}
        />
      )}
    </form>
  );
});
