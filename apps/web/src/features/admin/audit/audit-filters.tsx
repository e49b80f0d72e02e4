import { AUDIT_ACTIONS, AUDIT_OUTCOMES } from "@multichat/protocol";
import { type FormEvent, useState } from "react";
import { Button } from "../../../components/forms/button.tsx";
import { Field, Select } from "../../../components/forms/field.tsx";
import { useI18n } from "../../../i18n/i18n.ts";
import { type AuditForm, NO_FILTERS } from "./audit-address.ts";
import styles from "./audit-page.module.css";

interface AuditFiltersProps {
  /** The filters in the address. */
  readonly applied: AuditForm;
  readonly onApply: (form: AuditForm) => void;
}

const MAX_NAME_CHARS = 500;

/** The filters of the audit log. They apply when the form is submitted, so that each change is one request. */
export function AuditFilters({ applied, onApply }: AuditFiltersProps) {
  const { t } = useI18n();
  const [draft, setDraft] = useState(applied);
  const [lastApplied, setLastApplied] = useState(applied);
  // The address changed through the history or a link.
  if (lastApplied !== applied) {
    setLastApplied(applied);
    setDraft(applied);
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    onApply(draft);
  }

  const isFiltered = Object.values(applied).some((value) => value !== "");
  return (
    <search>
      <form className={styles.filters} aria-label={t("audit.filters")} onSubmit={submit}>
        <Select
          label={t("audit.action")}
          options={[
            { value: "", label: t("audit.action.any") },
            ...AUDIT_ACTIONS.map((value) => ({ value, label: t(`audit.action.${value}`) })),
          ]}
          value={draft.action}
          onChoose={(action) => setDraft({ ...draft, action })}
        />
        <Select
          label={t("audit.outcome")}
          options={[
            { value: "", label: t("audit.outcome.any") },
            ...AUDIT_OUTCOMES.map((value) => ({ value, label: t(`audit.outcome.${value}`) })),
          ]}
          value={draft.outcome}
          onChoose={(outcome) => setDraft({ ...draft, outcome })}
        />
        <Field
          label={t("audit.actor")}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck="false"
          maxLength={MAX_NAME_CHARS}
          value={draft.actor}
          onChange={(event) => setDraft({ ...draft, actor: event.target.value })}
        />
        <Field
          label={t("audit.target")}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck="false"
          maxLength={MAX_NAME_CHARS}
          value={draft.target}
          onChange={(event) => setDraft({ ...draft, target: event.target.value })}
        />
        <Field
          label={t("audit.from")}
          type="date"
          max={draft.to === "" ? undefined : draft.to}
          value={draft.from}
          onChange={(event) => setDraft({ ...draft, from: event.target.value })}
        />
        <Field
          label={t("audit.to")}
          type="date"
          min={draft.from === "" ? undefined : draft.from}
          value={draft.to}
          onChange={(event) => setDraft({ ...draft, to: event.target.value })}
        />
        <div className={styles.buttons}>
          <Button type="submit" variant="primary" icon="search">
            {t("audit.apply")}
          </Button>
          {isFiltered && <Button onClick={() => onApply(NO_FILTERS)}>{t("audit.clear")}</Button>}
        </div>
      </form>
    </search>
  );
}
