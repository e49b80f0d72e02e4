import { type ReactNode, useEffect, useId, useRef } from "react";
import { useI18n } from "../../i18n/i18n.ts";
import { IconButton } from "../forms/button.tsx";
import styles from "./dialog.module.css";

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  /** Sits high and without a heading that is seen: a search box with its list. */
  readonly palette?: boolean;
}

/** A native modal dialog: the browser keeps the focus in it and gives it back. Mounted means open. */
export function Dialog({ title, onClose, children, palette }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const body = useRef<HTMLDivElement>(null);
  const heading = useId();
  const { t } = useI18n();

  useEffect(() => {
    const dialog = ref.current;
    if (dialog === null) return;
    const opener = document.activeElement;
    dialog.showModal();
    // By itself the browser takes the first thing there is, the button that closes; React's autoFocus came too early, while
    // nothing of the dialog was shown.
    body.current?.querySelector<HTMLElement>("input, textarea, select, button, a[href]")?.focus();
    return () => {
      dialog.close();
      // The opener may be gone with what was deleted here.
      const back = opener?.isConnected ? opener : document.getElementById("main");
      if (back instanceof HTMLElement) back.focus();
    };
  }, []);

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
        // A form is not thrown away by a press beside it.
        if (palette && event.target === ref.current) onClose();
      }}
    >
      <div className={styles.inside}>
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

/** The buttons at the foot of a dialog's form. */
export function DialogActions({ children }: { readonly children: ReactNode }) {
  return <div className={styles.actions}>{children}</div>;
}
