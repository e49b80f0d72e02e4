import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import { Icon, type IconName } from "../indicators/icon.tsx";
import { Dialog } from "./dialog.tsx";
import styles from "./palette.module.css";

/** Something that can be chosen. */
export interface Target {
  /** Unique in the list; a part of an element's id. */
  readonly key: string;
  readonly icon: IconName;
  readonly name: string;
  readonly note?: string | undefined;
  readonly go: (beside: boolean) => void;
}

interface PaletteProps {
  readonly title: string;
  /** What may be typed into the field. */
  readonly label: string;
  readonly asked: string;
  readonly onAsk: (asked: string) => void;
  readonly targets: readonly Target[];
  /** In place of targets. */
  readonly nothing: string;
  readonly hint: string;
  /** Above the hint: what went wrong. */
  readonly children?: ReactNode;
  readonly onClose: () => void;
}

/** A field with a list below it that it narrows: the arrows choose, Enter goes. */
export function Palette({ title, label, asked, onAsk, targets, nothing, hint, children, onClose }: PaletteProps) {
  const list = useId();
  const [at, setAt] = useState(0);
  const chosen = targets[Math.min(at, targets.length - 1)];

  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && targets.length > 0) {
      event.preventDefault();
      setAt((Math.min(at, targets.length - 1) + step + targets.length) % targets.length);
    } else if (event.key === "Enter" && chosen !== undefined) {
      event.preventDefault();
      chosen.go(event.ctrlKey || event.metaKey);
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
          aria-controls={list}
          aria-activedescendant={chosen === undefined ? undefined : `${list}-${chosen.key}`}
          aria-label={label}
          placeholder={label}
          autoComplete="off"
          spellCheck={false}
          value={asked}
          onChange={(event) => {
            onAsk(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div id={list} className={styles.list} role="listbox" aria-label={title}>
        {targets.map((target) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled in the field, which has the focus.
          <div
            key={target.key}
            id={`${list}-${target.key}`}
            ref={target === chosen ? (element) => element?.scrollIntoView({ block: "nearest" }) : undefined}
            className={styles.target}
            role="option"
            aria-selected={target === chosen}
            tabIndex={-1}
            onClick={(event) => target.go(event.ctrlKey || event.metaKey)}
          >
            <Icon name={target.icon} small />
            <span className={styles.name}>
              <bdi>{target.name}</bdi>
            </span>
            {target.note !== undefined && <span className={styles.note}>{target.note}</span>}
          </div>
        ))}
      </div>
      {targets.length === 0 && (
        <p className={styles.nothing} role="status">
          {nothing}
        </p>
      )}
      {children}
      <p className={styles.hint}>{hint}</p>
    </Dialog>
  );
}
