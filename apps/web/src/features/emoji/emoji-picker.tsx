import { type KeyboardEvent, useRef, useState } from "react";
import { SkeletonLines } from "../../components/layout/skeleton.tsx";
import { Popup } from "../../components/overlays/popup.tsx";
import { useI18n } from "../../i18n/i18n.ts";
import { readEmojiMemory, rememberEmoji, rememberSkinTone } from "../../state/storage/recent-emoji.ts";
import type { CatalogEmoji, EmojiCatalog, EmojiGroup } from "./emoji-catalog.ts";
import styles from "./emoji-picker.module.css";
import { COMMON_EMOJI } from "./emoji-table.ts";
import { useEmojiCatalog } from "./use-emoji-catalog.ts";

interface EmojiPickerProps {
  readonly anchor: DOMRect;
  readonly onPick: (emoji: string) => void;
  readonly onClose: () => void;
}

/** Buttons per row, as in the style sheet. */
const COLUMNS = 8;
const MAX_RESULTS = 48;
/** How many are shown as recent; common ones fill up. */
const RECENT_COUNT = 24;

/** `recent` and the groups, each with the emoji that stands for it. */
const TABS: readonly (readonly [tab: "recent" | EmojiGroup, icon: string])[] = [
  ["recent", "🕘"],
  ["smileys", "😀"],
  ["people", "👋"],
  ["nature", "🐻"],
  ["food", "🍔"],
  ["travel", "🚗"],
  ["activities", "⚽"],
  ["objects", "💡"],
  ["symbols", "🔣"],
  ["flags", "🏁"],
];
const TONES = ["✋", "✋🏻", "✋🏼", "✋🏽", "✋🏾", "✋🏿"] as const;
const TAB_LABELS = {
  recent: "reaction.recent",
  smileys: "reaction.smileys",
  people: "reaction.people",
  nature: "reaction.nature",
  food: "reaction.food",
  travel: "reaction.travel",
  activities: "reaction.activities",
  objects: "reaction.objects",
  symbols: "reaction.symbols",
  flags: "reaction.flags",
} as const;
const TONE_LABELS = [
  "reaction.tone0",
  "reaction.tone1",
  "reaction.tone2",
  "reaction.tone3",
  "reaction.tone4",
  "reaction.tone5",
] as const;

/** Shows the emoji that the user picked lately, all others by category, and a search by name. */
export function EmojiPicker({ anchor, onPick, onClose }: EmojiPickerProps) {
  const { t } = useI18n();
  const catalog = useEmojiCatalog({ isNeeded: true });
  const [query, setQuery] = useState("");
  const [tab, setTab] = useState<"recent" | EmojiGroup>("recent");
  const [memory] = useState(readEmojiMemory);
  const [tone, setTone] = useState(memory.skinTone);
  const picker = useRef<HTMLDivElement>(null);
  const searching = query.trim() !== "";
  const entries =
    catalog === undefined ? [] : searching ? catalog.search(query, MAX_RESULTS) : list(catalog, tab, memory.recent);
  const shown = entries.map((entry) => ({ emoji: inTone(entry, tone), label: entry.label }));

  function pick(emoji: string): void {
    rememberEmoji(emoji);
    onPick(emoji);
  }

  function onArrowKey(event: KeyboardEvent): void {
    const buttons = [...(picker.current?.querySelectorAll<HTMLElement>(`.${styles.grid} button`) ?? [])];
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
    else if (step < 0) picker.current?.querySelector("input")?.focus();
  }

  return (
    <Popup anchor={anchor} role="dialog" label={t("reaction.choose")} onClose={onClose}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys go through the buttons in it. */}
      <div ref={picker} className={styles.picker} onKeyDown={onArrowKey}>
        <input
          type="search"
          className={styles.search}
          aria-label={t("reaction.search")}
          placeholder={t("reaction.search")}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={(event) => {
            const [first] = shown;
            if (event.key !== "Enter" || first === undefined || event.nativeEvent.isComposing) return;
            event.preventDefault();
            pick(first.emoji);
          }}
        />
        <Tabs
          tab={searching ? undefined : tab}
          onSelect={(next) => {
            setQuery("");
            setTab(next);
          }}
        />
        {catalog === undefined ? (
          <div className={styles.empty}>
            <SkeletonLines count={4} label={t("reaction.loading")} />
          </div>
        ) : shown.length === 0 ? (
          <p className={styles.empty} role="status">
            {t("reaction.noResults")}
          </p>
        ) : (
          <fieldset className={styles.grid} aria-label={t(searching ? "reaction.results" : TAB_LABELS[tab])}>
            {shown.map(({ emoji, label }) => (
              <button
                key={emoji}
                type="button"
                className={styles.emoji}
                aria-label={label}
                title={label}
                onClick={() => pick(emoji)}
              >
                {emoji}
              </button>
            ))}
          </fieldset>
        )}
        <fieldset className={styles.tones} aria-label={t("reaction.skinTone")}>
          {TONES.map((hand, index) => (
            <button
              key={hand}
              type="button"
              className={styles.tone}
              aria-label={t(TONE_LABELS[index] ?? "reaction.tone0")}
              title={t(TONE_LABELS[index] ?? "reaction.tone0")}
              aria-pressed={tone === index}
              onClick={() => {
                rememberSkinTone(index);
                setTone(index);
              }}
            >
              {hand}
            </button>
          ))}
        </fieldset>
      </div>
    </Popup>
  );
}

interface TabsProps {
  readonly tab: "recent" | EmojiGroup | undefined;
  readonly onSelect: (tab: "recent" | EmojiGroup) => void;
}

/** One stop of the Tab key; left and right choose. */
function Tabs({ tab, onSelect }: TabsProps) {
  const { t } = useI18n();
  function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    event.stopPropagation();
    const buttons = [...event.currentTarget.querySelectorAll("button")];
    const isForward = (event.key === "ArrowRight") !== (document.documentElement.dir === "rtl");
    const index = buttons.findIndex((button) => button.matches(":focus")) + (isForward ? 1 : -1);
    const next = buttons.at(index % buttons.length);
    next?.focus();
    next?.click();
  }
  return (
    <div className={styles.tabs} role="toolbar" aria-label={t("reaction.categories")} onKeyDown={onKeyDown}>
      {TABS.map(([name, icon]) => (
        <button
          key={name}
          type="button"
          className={styles.tab}
          aria-label={t(TAB_LABELS[name])}
          title={t(TAB_LABELS[name])}
          aria-pressed={name === tab}
          tabIndex={name === (tab ?? "recent") ? 0 : -1}
          onClick={() => onSelect(name)}
        >
          {icon}
        </button>
      ))}
    </div>
  );
}

function list(catalog: EmojiCatalog, tab: "recent" | EmojiGroup, recent: readonly string[]): readonly CatalogEmoji[] {
  if (tab !== "recent") return catalog.groups[tab];
  const entries = [...recent, ...COMMON_EMOJI]
    .map((emoji) => catalog.find(emoji))
    .filter((entry) => entry !== undefined);
  return [...new Set(entries)].slice(0, RECENT_COUNT);
}

const inTone = ({ emoji, tones }: CatalogEmoji, tone: number): string =>
  tone === 0 ? emoji : (tones[tone - 1] ?? emoji);
