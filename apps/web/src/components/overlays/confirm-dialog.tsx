import type { ReactNode } from "react";
import { useForm } from "../../hooks/use-form.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { Button } from "../forms/button.tsx";
import { Problem } from "../forms/field.tsx";
import formStyles from "../forms/form.module.css";
import type { IconName } from "../indicators/icon.tsx";
import styles from "./confirm-dialog.module.css";
import { Dialog, DialogActions } from "./dialog.tsx";

interface ConfirmDialogProps {
  readonly title: string;
  /** The consequence, in a sentence. */
  readonly text: ReactNode;
  /** The text of the confirming button. */
  readonly action: string;
  readonly icon?: IconName;
  /** Marks an action that cannot be undone. @default false */
  readonly danger?: boolean;
  /** Runs the action; the dialog closes when it succeeds, and shows the error when it fails. */
  readonly run: () => Promise<void>;
  readonly onClose: () => void;
}

/** Asks for confirmation before an action. */
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
