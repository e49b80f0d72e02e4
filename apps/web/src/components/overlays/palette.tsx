import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import { Icon, type IconName } from "../indicators/icon.tsx";
import { Dialog } from "./dialog.tsx";
import styles from "./palette.module.css";

/** An item of the palette. */
export interface PaletteItem {
  /** Unique in the list; also part of the element's id. */
  readonly key: string;
  readonly icon: IconName;
  readonly name: string;
  readonly detail?: string | undefined;
  /** @param options.beside chosen with Ctrl or Cmd: opens beside the current room */
  readonly choose: (options: { readonly beside: boolean }) => void;
}

interface PaletteProps {
  readonly title: string;
  /** The field's label and placeholder. */
  readonly label: string;
  readonly query: string;
  readonly onQueryChange: (query: string) => void;
  readonly items: readonly PaletteItem[];
  /** Shown when there are no items. */
  readonly emptyText: string;
  readonly hint: string;
  /** Shown above the hint, for errors. */
  readonly children?: ReactNode;
  readonly onClose: () => void;
}

/** A search field that filters the list below it: the arrow keys select, Enter chooses. */
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
      active.choose({ beside: event.ctrlKey || event.metaKey });
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
          spellCheck="false"
          value={query}
          onChange={(event) => {
            onQueryChange(event.target.value);
            setActiveIndex(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div id={listId} className={styles.list} role="listbox" aria-label={title}>
        {items.map((item) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the field, which has the focus.
          <div
            key={item.key}
            id={`${listId}-${item.key}`}
            ref={item === active ? (element) => element?.scrollIntoView({ block: "nearest" }) : undefined}
            className={styles.item}
            role="option"
            aria-selected={item === active}
            tabIndex={-1}
            onClick={(event) => item.choose({ beside: event.ctrlKey || event.metaKey })}
          >
            <Icon name={item.icon} small />
            <span className={styles.name} dir="auto">
              {item.name}
            </span>
            {item.detail !== undefined && <span className={styles.detail}>{item.detail}</span>}
          </div>
        ))}
      </div>
      {items.length === 0 && (
        <p className={styles.empty} role="status">
          {emptyText}
        </p>
      )}
      {children}
      <p className={styles.hint}>{hint}</p>
    </Dialog>
  );
}
