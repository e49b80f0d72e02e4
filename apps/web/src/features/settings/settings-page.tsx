import { Page } from "../../components/layout/page.tsx";
import { useI18n } from "../../i18n/i18n.ts";
import { useTitle } from "../../state/page-title.ts";
import { Account } from "./account.tsx";
import { Appearance } from "./appearance.tsx";
import { Notifications } from "./notifications.tsx";
import { Password } from "./password.tsx";
import { Sessions } from "./sessions.tsx";

/** The settings of the account and of this device. */
export function SettingsPage() {
  const { t } = useI18n();
  useTitle(t("settings.title"));
  return (
    <Page title={t("settings.title")}>
      <Account />
      <Appearance />
      <Notifications />
      <Password />
      <Sessions />
    </Page>
  );
}
