import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import { Icon, type IconName } from "../indicators/icon.tsx";
import { Dialog } from "./dialog.tsx";
import styles from "./palette.module.css";

/** Something that can be chosen. */
export interface PaletteItem {
  /** Unique in the list; a part of an element's id. */
  readonly key: string;
  readonly icon: IconName;
  readonly name: string;
  readonly detail?: string | undefined;
  readonly choose: (beside: boolean) => void;
}

interface PaletteProps {
  readonly title: string;
  /** What may be typed into the field. */
  readonly label: string;
  readonly query: string;
  readonly onQueryChange: (asked: string) => void;
  readonly items: readonly PaletteItem[];
  /** In place of targets. */
  readonly emptyText: string;
  readonly hint: string;
  /** Above the hint: what went wrong. */
  readonly children?: ReactNode;
  readonly onClose: () => void;
}

/** A field with a list below it that it narrows: the arrows choose, Enter goes. */
export function Palette({
  title,
  label,
  query,
  onQueryChange,
  items,
  emptyText,
  hint,
  children,
  onClose,
}: PaletteProps) {
  const listId = useId();
  const [activeIndex, setActiveIndex] = useState(0);
  const active = items[Math.min(activeIndex, items.length - 1)];

  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && items.length > 0) {
      event.preventDefault();
      setActiveIndex((Math.min(activeIndex, items.length - 1) + step + items.length) % items.length);
    } else if (event.key === "Enter" && active !== undefined) {
      event.preventDefault();
      active.choose(event.ctrlKey || event.metaKey);
    }
  }

  return (
    <Dialog title={title} onClose={onClose} palette>
      <div className={styles.field}>
        <Icon name="search" />
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls={listId}
          aria-activedescendant={active === undefined ? undefined : `${listId}-${active.key}`}
          aria-label={label}
          placeholder={label}
          autoComplete="off"
          spellCheck={false}
          value={query}
          onChange={(event) => {
            onQueryChange(event.target.value);
            setActiveIndex(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div id={listId} className={styles.list} role="listbox" aria-label={title}>
        {items.map((target) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled in the field, which has the focus.
          <div
            key={target.key}
            id={`${listId}-${target.key}`}
            ref={target === active ? (element) => element?.scrollIntoView({ block: "nearest" }) : undefined}
            className={styles.target}
            role="option"
            aria-selected={target === active}
            tabIndex={-1}
            onClick={(event) => target.choose(event.ctrlKey || event.metaKey)}
          >
            <Icon name={target.icon} small />
            <span className={styles.name}>
              <bdi>{target.name}</bdi>
            </span>
            {target.detail !== undefined && <span className={styles.note}>{target.detail}</span>}
          </div>
        ))}
      </div>
      {items.length === 0 && (
        <p className={styles.nothing} role="status">
          {emptyText}
        </p>
      )}
      {children}
      <p className={styles.hint}>{hint}</p>
    </Dialog>
  );
}
