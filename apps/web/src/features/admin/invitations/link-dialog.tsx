import { useRef, useState } from "react";
import { renderSVG } from "uqr";
import { Button } from "../../../components/forms/button.tsx";
import { Field } from "../../../components/forms/field.tsx";
import { Dialog, DialogActions } from "../../../components/overlays/dialog.tsx";
import { useI18n } from "../../../i18n/i18n.ts";
import styles from "./link-dialog.module.css";

interface LinkDialogProps {
  readonly title: string;
  /** For whom it is, and how long it works. */
  readonly lead: string;
  readonly address: string;
  readonly onClose: () => void;
}

/** Shows a link that cannot be shown again, to be copied or scanned. */
export function LinkDialog({ title, lead, address, onClose }: LinkDialogProps) {
  const { t } = useI18n();
  const field = useRef<HTMLInputElement>(null);
  const [status, setStatus] = useState<string>();

  function copy(): void {
    field.current?.select();
    navigator.clipboard.writeText(address).then(
      () => setStatus(t("link.copied")),
      // The text is selected, so that the keys of the browser copy it.
      () => setStatus(t("link.copyFailed")),
    );
  }

  return (
    <Dialog title={title} onClose={onClose}>
      <div className={styles.body}>
        <p>{lead}</p>
        <Field
          label={t("link.label")}
          hint={t("link.once")}
          inputRef={field}
          readOnly
          autoFocus
          dir="ltr"
          value={address}
          onFocus={(event) => event.currentTarget.select()}
        />
        <img
          className={styles.code}
          src={`data:image/svg+xml,${encodeURIComponent(renderSVG(address, { border: 2 }))}`}
          alt={t("link.code")}
        />
        <p className={styles.status} role="status">
          {status}
        </p>
        <DialogActions>
          <Button onClick={onClose}>{t("action.close")}</Button>
          <Button variant="primary" icon="copy" onClick={copy}>
            {t("link.copy")}
          </Button>
        </DialogActions>
      </div>
    </Dialog>
  );
}
