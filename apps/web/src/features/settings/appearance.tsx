import { RadioGroup } from "../../components/forms/field.tsx";
import { Panel } from "../../components/layout/page.tsx";
import { LOCALES, type Locale, useI18n } from "../../i18n/i18n.ts";
import { setPreferences, THEMES, usePreferences } from "../../state/storage/preferences.ts";

const LANGUAGES = (Object.keys(LOCALES) as Locale[]).map((value) => ({ value, label: LOCALES[value].name }));

export function Appearance() {
  const { t, locale } = useI18n();
  const { theme } = usePreferences();
  return (
    <Panel title={t("settings.appearance")} lead={t("settings.device")}>
      <RadioGroup
        legend={t("settings.theme")}
        options={THEMES.map((value) => ({ value, label: t(`theme.${value}`) }))}
        value={theme}
        onChoose={(chosen) => setPreferences({ theme: chosen })}
      />
      <RadioGroup
        legend={t("settings.language")}
        options={LANGUAGES}
        value={locale}
        onChoose={(chosen) => setPreferences({ locale: chosen })}
      />
    </Panel>
  );
}
