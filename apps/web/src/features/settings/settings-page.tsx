import { Page } from "../../components/layout/page.tsx";
import { ConfirmPassword } from "../../components/overlays/confirm-password.tsx";
import { useMe } from "../../hooks/use-chat.ts";
import { usePasswordPrompt } from "../../hooks/use-password-prompt.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { useTitle } from "../../state/unread/page-title.ts";
import { Account } from "./account.tsx";
import { Appearance } from "./appearance.tsx";
import { Notifications } from "./notifications.tsx";
import { Password } from "./password.tsx";
import { RequiredPassword } from "./required-password.tsx";
import { Sessions } from "./sessions.tsx";

/** The settings of the account and of this device; only the password where a new one has to be chosen first. */
export function SettingsPage() {
  const { t } = useI18n();
  const { passwordChangeRequired } = useMe();
  const prompt = usePasswordPrompt();
  useTitle(t("settings.title"));
  if (passwordChangeRequired) return <RequiredPassword />;
  return (
    <Page title={t("settings.title")}>
      <ConfirmPassword prompt={prompt} />
      <Account />
      <Appearance />
      <Notifications />
      <Password />
      <Sessions />
    </Page>
  );
}
