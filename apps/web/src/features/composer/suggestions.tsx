import { Avatar } from "../../components/indicators/avatar.tsx";
import { VisuallyHidden } from "../../components/indicators/visually-hidden.tsx";
import { useI18n } from "../../i18n/i18n.ts";
import styles from "./suggestions.module.css";
import { getOptionId, type SuggestionsState } from "./use-suggestions.ts";

const LIST_LABELS = {
  person: "composer.suggestPeople",
  room: "composer.suggestRooms",
  emoji: "composer.suggestEmoji",
} as const;

interface SuggestionsProps {
  /** The list's id. */
  readonly id: string;
  readonly suggestions: SuggestionsState;
  readonly onAccept: (chosen: string) => void;
}

/** The list of suggestions above the field. The focus stays in the field. */
export function Suggestions({ id, suggestions: { kind, suggestions, open, activeIndex }, onAccept }: SuggestionsProps) {
  const { t } = useI18n();
  return (
    <>
      <div role="status">
        <VisuallyHidden>{open ? t("composer.suggestions", { count: suggestions.length }) : ""}</VisuallyHidden>
      </div>
      {open && (
        <div id={id} className={styles.list} role="listbox" aria-label={t(LIST_LABELS[kind])}>
          {suggestions.map((suggestion, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field handles the keys.
            // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, which points at it.
            <div
              key={suggestion.key}
              id={getOptionId(id, index)}
              ref={index === activeIndex ? (element) => element?.scrollIntoView({ block: "nearest" }) : null}
              className={styles.option}
              role="option"
              aria-selected={index === activeIndex}
              // The field keeps the focus.
              onPointerDown={(event) => event.preventDefault()}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => onAccept(suggestion.insertText)}
            >
              {suggestion.person !== undefined && (
                <Avatar id={suggestion.person.id} name={suggestion.person.username} small />
              )}
              {suggestion.emoji !== undefined && (
                <span className={styles.emoji} aria-hidden="true">
                  {suggestion.emoji}
                </span>
              )}
              <bdi className={styles.label}>{suggestion.label}</bdi>
              {suggestion.detail !== undefined && <bdi className={styles.detail}>{suggestion.detail}</bdi>}
            </div>
          ))}
        </div>
      )}
    </>
  );
}
