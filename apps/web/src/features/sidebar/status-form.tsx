import { PRESENCE_STATUSES } from "@multichat/protocol";
import { type FormEvent, useId, useState } from "react";
import { Button } from "../../components/forms/button.tsx";
import { Field } from "../../components/forms/field.tsx";
import { PresenceDot } from "../../components/indicators/presence-dot.tsx";
import { useProfile } from "../../hooks/use-chat.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { setOwnPresence, useOwnPresence } from "../../state/presence.ts";
import styles from "./status-form.module.css";

/** The user's presence: the status, which applies at once, and a text, which is saved. */
export function StatusForm({ onDone }: { readonly onDone: () => void }) {
  const { t } = useI18n();
  const { me, limits } = useProfile();
  const { status, text } = useOwnPresence();
  const [draft, setDraft] = useState(text);
  const groupName = useId();

  function save(event: FormEvent): void {
    event.preventDefault();
    setOwnPresence(me.id, status, draft.trim());
    onDone();
  }

  function clear(): void {
    setDraft("");
    setOwnPresence(me.id, status, "");
  }

  return (
    <>
      <fieldset className={styles.choice}>
        <legend className={styles.legend}>{t("status.title")}</legend>
        {PRESENCE_STATUSES.map((value) => (
          <label key={value} className={styles.option}>
            <input
              type="radio"
              name={groupName}
              checked={value === status}
              onChange={() => setOwnPresence(me.id, value, text)}
            />
            <PresenceDot status={value} decorative />
            <span className={styles.names}>
              <span>{t(`status.${value}`)}</span>
              <span className={styles.hint}>{t(`statusForm.hint.${value}`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <form className={styles.text} onSubmit={save}>
        <Field
          label={t("statusForm.text")}
          placeholder={t("statusForm.textExample")}
          autoComplete="off"
          maxChars={limits.presenceTextChars}
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
        />
        <div className={styles.actions}>
          {text !== "" && (
            <Button size="small" variant="quiet" onClick={clear}>
              {t("statusForm.clear")}
            </Button>
          )}
          <Button type="submit" size="small" variant="primary">
            {t("action.save")}
          </Button>
        </div>
      </form>
    </>
  );
}
