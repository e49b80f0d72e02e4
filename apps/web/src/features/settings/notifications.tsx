import { useState } from "react";
import { Check, Choice, Problem } from "../../components/forms/field.tsx";
import { Panel } from "../../components/layout/page.tsx";
import { useI18n } from "../../i18n/i18n.ts";
import { NOTIFY, type Notify, setPreferences, usePreferences } from "../../state/preferences.ts";

export function Notices() {
  const { t } = useI18n();
  const { comings, notify } = usePreferences();
  const possible = "Notification" in window;
  const [denied, setDenied] = useState(possible && Notification.permission === "denied");

  async function change(wanted: Notify): Promise<void> {
    if (wanted !== "nothing" && (await Notification.requestPermission()) !== "granted") {
      setDenied(Notification.permission === "denied");
      return;
    }
    setDenied(false);
    setPreferences({ notify: wanted });
  }

  return (
    <Panel title={t("settings.notices")} lead={t("settings.device")}>
      <Check
        instant
        label={t("settings.comings")}
        hint={t("settings.comingsHint")}
        checked={comings}
        onChange={(event) => setPreferences({ comings: event.target.checked })}
      />
      {possible && (
        <>
          <Choice
            legend={t("settings.notify")}
            options={NOTIFY.map((value) => ({ value, label: t(`settings.notify.${value}`) }))}
            value={denied ? "nothing" : notify}
            onChoose={(value) => void change(value)}
          />
          <Problem>{denied ? t("settings.notifyDenied") : undefined}</Problem>
        </>
      )}
    </Panel>
  );
}
