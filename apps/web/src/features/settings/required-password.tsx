import { Button } from "../../components/forms/button.tsx";
import { Page, Panel } from "../../components/layout/page.tsx";
import { useI18n } from "../../i18n/i18n.ts";
import { refreshSession } from "../../state/session.ts";
import { signOut } from "../../state/sign-out.ts";
import { useTitle } from "../../state/unread/page-title.ts";
import { PasswordForm } from "./password.tsx";
import styles from "./settings.module.css";

/** The only page of a user whose password someone else has set. */
export function RequiredPassword() {
  const { t } = useI18n();
  useTitle(t("requiredPassword.title"));
  return (
    <main id="main" className={styles.alone}>
      <Page title={t("requiredPassword.title")} hasBackLink={false}>
        <Panel title={t("settings.password")} lead={t("requiredPassword.lead")}>
          <PasswordForm onChanged={() => void refreshSession()} />
          <Button onClick={() => void signOut()}>{t("signOut.action")}</Button>
        </Panel>
      </Page>
    </main>
  );
}
