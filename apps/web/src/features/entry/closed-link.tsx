import { Link } from "wouter";
import { useDescribeFailure } from "../../hooks/use-describe-failure.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { EntryPage } from "./entry-page.tsx";

/** Says that a link does not work any more, or why that is not known. */
export function ClosedLink({ error }: { readonly error?: unknown }) {
  const { t } = useI18n();
  const describe = useDescribeFailure();
  if (error !== undefined) return <EntryPage title={t("link.failed")} lead={describe(error)} />;
  return (
    <EntryPage title={t("link.closed")} lead={t("link.closedLead")}>
      <Link href="/login">{t("signIn.action")}</Link>
    </EntryPage>
  );
}
