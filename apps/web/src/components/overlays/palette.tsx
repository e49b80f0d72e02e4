import { type KeyboardEvent, type ReactNode, useEffect, useId, useState } from "react";
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
  readonly choose: (options: ChooseOptions) => void;
}

interface ChooseOptions {
  readonly beside: boolean;
}

interface PaletteProps {
  readonly title: string;
  /** The field's label and placeholder. */
  readonly label: string;
  readonly query: string;
  readonly onQueryChange: (query: string) => void;
  readonly items: readonly PaletteItem[];
  /** Whether the items for this query are still to come: Enter chooses the first of those, not one of an earlier query. */
  readonly isPending: boolean;
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
  isPending,
  emptyText,
  hint,
  children,
  onClose,
}: PaletteProps) {
  const listId = useId();
  // By its key: items that arrive must not move another one under the user's finger.
  const [selectedKey, setSelectedKey] = useState<string>();
  const [choiceToMake, setChoiceToMake] = useState<ChooseOptions>();
  const selected = items.find(({ key }) => key === selectedKey);
  const active = selected ?? items[0];

  useEffect(() => {
    if (choiceToMake === undefined || isPending) return;
    setChoiceToMake(undefined);
    items[0]?.choose(choiceToMake);
  }, [choiceToMake, isPending, items]);

  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && active !== undefined) {
      event.preventDefault();
      setChoiceToMake(undefined);
      setSelectedKey(items[(items.indexOf(active) + step + items.length) % items.length]?.key);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const options = { beside: event.ctrlKey || event.metaKey };
      if (isPending && selected === undefined) setChoiceToMake(options);
      else active?.choose(options);
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
            setSelectedKey(undefined);
            setChoiceToMake(undefined);
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
