import { useState } from "react";
import { Check } from "../../components/field.tsx";
import { Panel } from "../../components/page.tsx";
import { useI18n } from "../../stores/i18n/i18n.ts";
import { setPreferences, usePreferences } from "../../stores/preferences.ts";

export function Notices() {
  const { t } = useI18n();
  const { comings, notify } = usePreferences();
  const possible = "Notification" in window;
  const [denied, setDenied] = useState(possible && Notification.permission === "denied");

  async function change(wanted: boolean): Promise<void> {
    if (wanted && (await Notification.requestPermission()) !== "granted") {
      setDenied(Notification.permission === "denied");
      return;
    }
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
        <Check
          instant
          label={t("settings.notify")}
          hint={t(denied ? "settings.notifyDenied" : "settings.notifyHint")}
          disabled={denied}
          checked={notify && !denied}
          onChange={(event) => void change(event.target.checked)}
        />
      )}
    </Panel>
  );
}
