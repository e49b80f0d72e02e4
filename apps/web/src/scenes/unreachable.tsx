import { useEffect } from "react";
import { Button } from "../components/button.tsx";
import { useDescribeFailure } from "../stores/failure.ts";
import { useI18n } from "../stores/i18n/i18n.ts";
import { refreshSession } from "../stores/session.ts";
import { EntryPage } from "./entry/entry-page.tsx";

/** How often it is tried again without being asked to, in milliseconds. */
const EVERY = 5000;

/** Nothing is known and the server does not answer. */
export function Unreachable({ error }: { readonly error: unknown }) {
  const { t } = useI18n();
  const describe = useDescribeFailure();
  useEffect(() => {
    const timer = setInterval(() => void refreshSession(), EVERY);
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
