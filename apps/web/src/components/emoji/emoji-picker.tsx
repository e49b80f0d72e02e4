import { type KeyboardEvent, useRef, useState } from "react";
import { useI18n } from "../../i18n/i18n.ts";
import { Popup } from "../overlays/popup.tsx";
import styles from "./emoji-picker.module.css";
import { COMMON_EMOJI, describeEmoji, EMOJI, searchEmoji } from "./emoji-table.ts";

interface EmojiPickerProps {
  readonly anchor: DOMRect;
  readonly onPick: (emoji: string) => void;
  readonly onClose: () => void;
}

/** Buttons per row, as in the style sheet. */
const COLUMNS = 8;
const MAX_RESULTS = 48;

/** Shows the common emoji, all others below them, and a search by name. */
export function EmojiPicker({ anchor, onPick, onClose }: EmojiPickerProps) {
  const { t } = useI18n();
  const [query, setQuery] = useState("");
  const grid = useRef<HTMLFieldSetElement>(null);
  const searching = query.trim() !== "";
  const visibleEmoji = searching
    ? searchEmoji(query, MAX_RESULTS).map(({ emoji }) => emoji)
    : [...COMMON_EMOJI, ...EMOJI.map(({ emoji }) => emoji).filter((emoji) => !COMMON_EMOJI.includes(emoji))];

  function onArrowKey(event: KeyboardEvent): void {
    const buttons = [...(grid.current?.querySelectorAll("button") ?? [])];
    const focusedIndex = buttons.findIndex((button) => button.matches(":focus"));
    const forward = document.documentElement.dir === "rtl" ? -1 : 1;
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: focusedIndex === -1 ? 1 : COLUMNS,
      ArrowUp: -COLUMNS,
      ArrowRight: forward,
      ArrowLeft: -forward,
    };
    const step = steps[event.key];
    // In the search field, left and right move the caret.
    if (step === undefined || (focusedIndex === -1 && event.key !== "ArrowDown")) return;
    event.preventDefault();
    const next = buttons[focusedIndex + step];
    if (next !== undefined) next.focus();
    else if (step < 0) event.currentTarget.querySelector("input")?.focus();
  }

  return (
    <Popup anchor={anchor} role="dialog" label={t("reaction.choose")} onClose={onClose}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys go through the buttons in it. */}
      <div className={styles.picker} onKeyDown={onArrowKey}>
        <input
          type="search"
          className={styles.search}
          aria-label={t("reaction.search")}
          placeholder={t("reaction.search")}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={(event) => {
            const [first] = visibleEmoji;
            if (event.key !== "Enter" || first === undefined || event.nativeEvent.isComposing) return;
            event.preventDefault();
            onPick(first);
          }}
        />
        {visibleEmoji.length === 0 ? (
          <p className={styles.empty} role="status">
            {t("reaction.noResults")}
          </p>
        ) : (
          <fieldset
            ref={grid}
            className={styles.grid}
            aria-label={t(searching ? "reaction.results" : "reaction.common")}
          >
            {visibleEmoji.map((emoji) => (
              <button
                key={emoji}
                type="button"
                className={styles.emoji}
                aria-label={describeEmoji(emoji)}
                title={describeEmoji(emoji)}
                onClick={() => onPick(emoji)}
              >
                {emoji}
              </button>
            ))}
          </fieldset>
        )}
      </div>
    </Popup>
  );
}
