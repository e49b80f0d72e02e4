import { useEffect } from "react";
import { Button } from "../components/forms/button.tsx";
import { EntryPage } from "../features/entry/entry-page.tsx";
import { useDescribeFailure } from "../hooks/use-describe-failure.ts";
import { useI18n } from "../i18n/i18n.ts";
import { refreshSession } from "../state/session.ts";

const RETRY_INTERVAL_MS = 5000;

/** Shown when the server does not respond and no earlier session is stored. Retries by itself. */
export function Unreachable({ error }: { readonly error: unknown }) {
  const { t } = useI18n();
  const describe = useDescribeFailure();
  useEffect(() => {
    const timer = setInterval(() => void refreshSession(), RETRY_INTERVAL_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <EntryPage title={t("unreachable.title")} lead={describe(error)}>
      <Button icon="retry" onClick={() => void refreshSession()}>
        {t("action.retry")}
      </Button>
    </EntryPage>
  );
}
