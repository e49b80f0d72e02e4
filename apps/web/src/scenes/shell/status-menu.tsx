import { PRESENCE_STATUSES } from "@multichat/protocol";
import { type FormEvent, useId, useRef, useState } from "react";
import { Button } from "../../components/button.tsx";
import { Field } from "../../components/field.tsx";
import { PresenceDot } from "../../components/presence-dot.tsx";
import { useProfile } from "../../stores/chat.ts";
import { useI18n } from "../../stores/i18n/i18n.ts";
import { setMyPresence, useMyPresence } from "../../stores/presence.ts";
import styles from "./status-menu.module.css";

/** How one is there, for others to see: a status, and a few words. Opened by the button that names it as its popover. */
export function StatusMenu({ id }: { readonly id: string }) {
  const { t } = useI18n();
  const { me, limits } = useProfile();
  const { status, text } = useMyPresence();
  const menu = useRef<HTMLDivElement>(null);
  const [draft, setDraft] = useState(text);
  const name = useId();

  function save(event: FormEvent): void {
    event.preventDefault();
    setMyPresence(me.id, status, draft.trim());
    menu.current?.hidePopover();
  }

  return (
    <div
      ref={menu}
      id={id}
      popover="auto"
      className={styles.menu}
      role="dialog"
      aria-label={t("status.title")}
      onToggle={(event) => {
        if (event.newState === "open") setDraft(text);
      }}
    >
      <fieldset className={styles.choice}>
        <legend className={styles.legend}>{t("status.title")}</legend>
        {PRESENCE_STATUSES.map((value) => (
          <label key={value} className={styles.option}>
            <input
              type="radio"
              name={name}
              checked={value === status}
              onChange={() => setMyPresence(me.id, value, text)}
            />
            <PresenceDot status={value} silent />
            <span className={styles.names}>
              <span>{t(`status.${value}`)}</span>
              <span className={styles.hint}>{t(`status.${value}.hint`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <form className={styles.text} onSubmit={save}>
        <Field
          label={t("status.text")}
          placeholder={t("status.textExample")}
          dir="auto"
          autoComplete="off"
          maxLength={limits.presenceTextChars}
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
        />
        <div className={styles.actions}>
          {text !== "" && (
            <Button
              size="small"
              look="quiet"
              onClick={() => {
                setDraft("");
                setMyPresence(me.id, status, "");
              }}
            >
              {t("status.clear")}
            </Button>
          )}
          <Button type="submit" size="small" look="primary">
            {t("action.save")}
          </Button>
        </div>
      </form>
    </div>
  );
}
