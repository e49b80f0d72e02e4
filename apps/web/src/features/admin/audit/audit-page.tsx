import { useMemo } from "react";
import { useLocation, useSearch } from "wouter";
import { Button } from "../../../components/forms/button.tsx";
import { Problem } from "../../../components/forms/field.tsx";
import { Icon } from "../../../components/indicators/icon.tsx";
import { Page } from "../../../components/layout/page.tsx";
import { SkeletonLines } from "../../../components/layout/skeleton.tsx";
import { useDescribeFailure } from "../../../hooks/use-describe-failure.ts";
import { useI18n } from "../../../i18n/i18n.ts";
import { AdminTabs } from "../admin-tabs.tsx";
import { getAuditHref, NO_FILTERS, parseAuditQuery, toAuditFilter } from "./audit-address.ts";
import { AuditFilters } from "./audit-filters.tsx";
import styles from "./audit-page.module.css";
import { AuditRow } from "./audit-row.tsx";
import { useAuditLog } from "./use-audit-log.ts";

/** The audit log, for superusers. The filters are in the address, so that a finding can be linked to. */
export function AuditPage() {
  const { t } = useI18n();
  const describe = useDescribeFailure();
  const search = useSearch();
  const [, navigate] = useLocation();
  const applied = useMemo(() => parseAuditQuery(search), [search]);
  const filter = useMemo(() => toAuditFilter(applied), [applied]);
  const { entries, state, error, hasMore, loadMore } = useAuditLog(filter);
  const isUnfiltered = getAuditHref(applied) === getAuditHref(NO_FILTERS);
  return (
    <Page title={t("admin.title")} tabs={<AdminTabs />}>
      <p className={styles.lead}>{t("audit.lead")}</p>
      <AuditFilters applied={applied} onApply={(form) => navigate(getAuditHref(form))} />
      <ol className={styles.list} aria-label={t("admin.audit")} aria-busy={state === "loading" || undefined}>
        {entries.map((entry) => (
          <AuditRow key={entry.n} entry={entry} />
        ))}
      </ol>
      {(state === "loading" || state === "more") && <SkeletonLines count={5} label={t("audit.loading")} />}
      <Problem>{state === "failed" ? describe(error) : undefined}</Problem>
      {state === "failed" && (
        <div className={styles.buttons}>
          <Button icon="retry" onClick={loadMore}>
            {t("action.retry")}
          </Button>
        </div>
      )}
      {state === "done" && entries.length === 0 && (
        <p className={styles.empty} role="status">
          <Icon name="search" small /> {t(isUnfiltered ? "audit.empty" : "audit.noResults")}
        </p>
      )}
      {state === "done" && hasMore && (
        <div className={styles.buttons}>
          <Button onClick={loadMore}>{t("audit.more")}</Button>
        </div>
      )}
    </Page>
  );
}
