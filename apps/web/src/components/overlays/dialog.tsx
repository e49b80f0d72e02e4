import { type ReactNode, useId, useRef } from "react";
import { useI18n } from "../../i18n/i18n.ts";
import { IconButton } from "../forms/button.tsx";
import styles from "./dialog.module.css";
import { useModal } from "./use-modal.ts";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** Near the top, with a visually hidden heading: for a search field with its results. */
  readonly palette?: boolean;
}

/** A native modal dialog: the browser keeps the focus inside and restores it. It is open while it is mounted. */
export function Dialog({ title, onClose, children, palette }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const heading = useId();
  const { t } = useI18n();

  useModal(ref, body);

  return (
    <dialog
      ref={ref}
      className={styles.dialog}
      data-palette={palette || undefined}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        // Pressing beside a form does not discard it.
        if (!palette || event.target !== ref.current) return;
        // The press would take the focus from the opener.
        event.preventDefault();
        onClose();
      }}
    >
      <div className={styles.content}>
        <header className={styles.header}>
          <h2 id={heading}>{title}</h2>
          <IconButton icon="close" label={t("action.close")} size="small" onClick={onClose} />
        </header>
        <div ref={body} className={styles.body}>
          {children}
        </div>
      </div>
    </dialog>
  );
}

/** The buttons at the end of a dialog's form. */
export function DialogActions({ children }: { readonly children: ReactNode }) {
  return <div className={styles.actions}>{children}</div>;
}
