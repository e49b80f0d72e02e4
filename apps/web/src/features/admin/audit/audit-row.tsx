import { AUDIT_ACTIONS, type AuditEntry } from "@multichat/protocol";
import { Tag } from "../../../components/indicators/tag.tsx";
import { type I18n, useI18n } from "../../../i18n/i18n.ts";
import styles from "./audit-page.module.css";

export function AuditRow({ entry }: { readonly entry: AuditEntry }) {
  const { t, dateTime } = useI18n();
  const { n, at, action, outcome, target, address, details } = entry;
  const facts = Object.entries(details).map(([name, value]) => `${name}: ${value}`);
  return (
    <li className={styles.entry}>
      <span className={styles.number} title={t("audit.number")}>
        {n}
      </span>
      <div className={styles.names}>
        <span className={styles.name}>
          {describeAction(entry, t)}
          {target !== null && (
            <>
              {" "}
              <bdi className={styles.target}>{target}</bdi>
            </>
          )}
        </span>
        <span className={styles.note}>
          {describeActor(entry, t)}
          {address !== null && (
            <>
              {" · "}
              <bdi>{address}</bdi>
            </>
          )}
        </span>
        {facts.length > 0 && (
          <span className={styles.details} dir="ltr">
            {facts.join(" · ")}
          </span>
        )}
      </div>
      {action !== "access.refuse" && outcome !== "success" && (
        <Tag variant="danger">{t(`audit.outcome.${outcome}`)}</Tag>
      )}
      <time className={styles.time} dateTime={new Date(at).toISOString()}>
        {dateTime(at)}
      </time>
    </li>
  );
}

/** A newer server may record actions that this page does not know. */
function describeAction({ action }: AuditEntry, t: I18n["t"]): string {
  return AUDIT_ACTIONS.includes(action) ? t(`audit.action.${action}`) : action;
}

const OPERATOR_ID = "operator";

function describeActor({ actor, address }: AuditEntry, t: I18n["t"]): string {
  if (actor === null) return t(address === null ? "audit.byServer" : "audit.byNobody");
  return actor.id === OPERATOR_ID ? t("audit.byOperator") : t("audit.by", { name: actor.username });
}
