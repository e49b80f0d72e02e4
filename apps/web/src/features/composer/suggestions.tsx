import { Avatar } from "../../components/indicators/avatar.tsx";
import { VisuallyHidden } from "../../components/indicators/visually-hidden.tsx";
import { useI18n } from "../../i18n/i18n.ts";
import styles from "./suggestions.module.css";
import type { SuggestionsState } from "./use-suggestions.ts";

const TITLES = {
  person: "composer.suggestPeople",
  room: "composer.suggestRooms",
  emoji: "composer.suggestEmoji",
} as const;

/** The id of an option, for the field that points at it. */
export function optionId(list: string, at: number): string {
  return `${list}-${at}`;
}

interface SuggestionsProps {
  /** The list's id. */
  readonly id: string;
  readonly suggestions: SuggestionsState;
  readonly onTake: (chosen: string) => void;
}

/** Above the field: what can be put in. The focus stays in the field. */
export function Suggestions({ id, suggestions: { kind, list, open, at }, onTake }: SuggestionsProps) {
  const { t } = useI18n();
  return (
    <>
      <div role="status">
        <VisuallyHidden>{open ? t("composer.suggestions", { count: list.length }) : ""}</VisuallyHidden>
      </div>
      {open && (
        <div id={id} className={styles.list} role="listbox" aria-label={t(TITLES[kind])}>
          {list.map((one, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are in the field.
            // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, which points at it.
            <div
              key={one.key}
              id={optionId(id, index)}
              ref={index === at ? (element) => element?.scrollIntoView({ block: "nearest" }) : null}
              className={styles.option}
              role="option"
              aria-selected={index === at}
              // The field keeps the focus.
              onPointerDown={(event) => event.preventDefault()}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => onTake(one.put)}
            >
              {one.person !== undefined && <Avatar id={one.person.id} name={one.person.username} small />}
              {one.emoji !== undefined && (
                <span className={styles.emoji} aria-hidden="true">
                  {one.emoji}
                </span>
              )}
              <bdi className={styles.label}>{one.label}</bdi>
              {one.detail !== undefined && <bdi className={styles.detail}>{one.detail}</bdi>}
            </div>
          ))}
        </div>
      )}
    </>
  );
}
