import { useRef, useState } from "react";
import { useI18n } from "../../i18n/i18n.ts";
import { lazyComponent } from "../../i18n/lazy-component.ts";
import styles from "./status-menu.module.css";

const StatusForm = lazyComponent(() => import("./status-form.tsx"), "StatusForm");

/** The popover of the button that names it in `popoverTarget`. */
export function StatusMenu({ id }: { readonly id: string }) {
  const { t } = useI18n();
  const menu = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <div
      ref={menu}
      id={id}
      popover="auto"
      className={styles.menu}
      role="dialog"
      aria-label={t("status.title")}
      onBeforeToggle={(event) => setOpen(event.newState === "open")}
    >
      {open && <StatusForm onDone={() => menu.current?.hidePopover()} />}
    </div>
  );
}
