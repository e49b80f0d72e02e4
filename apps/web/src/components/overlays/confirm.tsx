import type { ReactNode } from "react";
import { useForm } from "../../hooks/use-form.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { Button } from "../forms/button.tsx";
import { Problem } from "../forms/field.tsx";
import formStyles from "../forms/form.module.css";
import type { IconName } from "../indicators/icon.tsx";
import styles from "./confirm.module.css";
import { Dialog, DialogActions } from "./dialog.tsx";

interface ConfirmDialogProps {
  readonly title: string;
  /** What will be, in a sentence. */
  readonly text: ReactNode;
  /** The word on the button that does it. */
  readonly action: string;
  readonly icon?: IconName;
  /** What cannot be undone looks so. @default false */
  readonly danger?: boolean;
  /** What is done; the dialog closes when it is, and says why when it fails. */
  readonly run: () => Promise<void>;
  readonly onClose: () => void;
}

/** Asks once more, before something is done. */
export function ConfirmDialog({ title, text, action, icon, danger, run, onClose }: ConfirmDialogProps) {
  const { t } = useI18n();
  const form = useForm([], async () => {
    await run();
    onClose();
  });
  return (
    <Dialog title={title} onClose={onClose}>
      <form className={formStyles.form} onSubmit={form.onSubmit}>
        <Problem>{form.problem}</Problem>
        <p className={styles.text}>{text}</p>
        <DialogActions>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button
            type="submit"
            variant={danger ? "danger" : "primary"}
            busy={form.busy}
            {...(icon === undefined ? {} : { icon })}
          >
            {action}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
