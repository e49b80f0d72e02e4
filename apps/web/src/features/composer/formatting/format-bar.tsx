import { type KeyboardEvent, useState } from "react";
import { useI18n } from "../../../i18n/i18n.ts";
import { IS_APPLE } from "../../../state/platform.ts";
import styles from "./format-bar.module.css";
import { FORMATS, type Format } from "./formatting.ts";

const MOD = IS_APPLE ? "⌘" : "Ctrl+";

/** What each button shows (a letter, or the path of an icon on a grid of 20), its name, and its key. */
const BUTTONS = {
  bold: ["B", "format.bold", `${MOD}B`],
  italic: ["I", "format.italic", `${MOD}I`],
  strikethrough: ["S", "format.strikethrough", IS_APPLE ? "⇧⌘X" : "Ctrl+Shift+X"],
  code: ["M7 6 3 10l4 4M13 6l4 4-4 4M11.2 4.5 8.8 15.5", "format.code", `${MOD}E`],
  link: [
    "M8.3 11.7a3 3 0 0 0 4.3 0l2.6-2.6a3 3 0 0 0-4.3-4.3l-.9.9M11.7 8.3a3 3 0 0 0-4.3 0l-2.6 2.6a3 3 0 0 0 4.3 4.3l.9-.9",
    "format.link",
    `${MOD}K`,
  ],
  spoiler: ["M3 10c2-3 4.3-4.5 7-4.5s5 1.5 7 4.5c-2 3-4.3 4.5-7 4.5S5 13 3 10ZM4 16.5 16 3.5", "format.spoiler", ""],
  quote: ["M4 4v12M8 6h8M8 10h8M8 14h5", "format.quote", ""],
  list: ["M4 5.5h.1M4 10h.1M4 14.5h.1M8 5.5h8M8 10h8M8 14.5h8", "format.list", ""],
  numbers: [
    "M3 4.2l1.2-.7v4M2.9 12.7c.8-1 2.5-.6 2.2.5-.2.8-1.2 1.4-2.2 2.6h2.4M8.5 5.5H16M8.5 14H16",
    "format.numbers",
    "",
  ],
  tasks: ["M3.5 4h5v5h-5zM3.5 13.5l1.8 1.8 3.2-3.6M11.5 6.5H17M11.5 13.5H17", "format.tasks", ""],
} as const;

/** They point along the reading direction. */
const MIRRORED: ReadonlySet<Format> = new Set(["quote", "list", "tasks"]);

interface FormatBarProps {
  readonly onFormat: (format: Format) => void;
}

/** One stop of the Tab key; the arrow keys go through the buttons. */
export function FormatBar({ onFormat }: FormatBarProps) {
  const { t } = useI18n();
  const [current, setCurrent] = useState<Format>("bold");

  function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    const buttons = [...event.currentTarget.querySelectorAll("button")];
    const isForward = (event.key === "ArrowRight") !== (document.documentElement.dir === "rtl");
    const index = buttons.findIndex((button) => button.matches(":focus")) + (isForward ? 1 : -1);
    buttons.at(index % buttons.length)?.focus();
  }

  return (
    <div className={styles.bar} role="toolbar" aria-label={t("format.bar")} onKeyDown={onKeyDown}>
      {FORMATS.map((format) => {
        const [sign, label, keys] = BUTTONS[format];
        return (
          <button
            key={format}
            type="button"
            className={styles.button}
            data-format={format}
            aria-label={t(label)}
            title={keys === "" ? t(label) : `${t(label)} (${keys})`}
            tabIndex={format === current ? 0 : -1}
            onFocus={() => setCurrent(format)}
            // The field keeps its focus and its selection.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => onFormat(format)}
          >
            {sign.length === 1 ? (
              <span className={styles.sign} data-sign={sign} />
            ) : (
              <svg viewBox="0 0 20 20" data-mirrored={MIRRORED.has(format) || undefined} aria-hidden="true">
                <path d={sign} />
              </svg>
            )}
          </button>
        );
      })}
    </div>
  );
}
