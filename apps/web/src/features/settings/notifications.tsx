import { useState } from "react";
import { Checkbox, Problem, RadioGroup } from "../../components/forms/field.tsx";
import { Panel } from "../../components/layout/page.tsx";
import { useI18n } from "../../i18n/i18n.ts";
import { NOTIFY_LEVELS, type NotifyLevel, setPreferences, usePreferences } from "../../state/storage/preferences.ts";

export function Notifications() {
  const { t } = useI18n();
  const { presenceNotices, notify } = usePreferences();
  const isSupported = "Notification" in window;
  const [denied, setDenied] = useState(isSupported && Notification.permission === "denied");

  async function changeLevel(level: NotifyLevel): Promise<void> {
    if (level !== "nothing" && (await Notification.requestPermission()) !== "granted") {
      setDenied(Notification.permission === "denied");
      return;
    }
    setDenied(false);
    setPreferences({ notify: level });
  }

  return (
    <Panel title={t("settings.notifications")} lead={t("settings.device")}>
      <Checkbox
        instant
        label={t("settings.presenceNotices")}
        hint={t("settings.presenceNoticesHint")}
        checked={presenceNotices}
        onChange={(event) => setPreferences({ presenceNotices: event.target.checked })}
      />
      {isSupported && (
        <>
          <RadioGroup
            legend={t("settings.notify")}
            options={NOTIFY_LEVELS.map((value) => ({ value, label: t(`settings.notify.${value}`) }))}
            value={denied ? "nothing" : notify}
            onChoose={(value) => void changeLevel(value)}
          />
          <Problem>{denied ? t("settings.notifyDenied") : undefined}</Problem>
        </>
      )}
    </Panel>
  );
}
