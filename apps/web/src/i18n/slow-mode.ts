import type { I18n } from "./i18n.ts";

/** The intervals between two messages that can be chosen; 0 is off. */
const CHOICES_SECONDS = [0, 5, 10, 30, 60, 300, 900, 3600] as const;

export function formatSlowMode(seconds: number, { t, duration }: I18n): string {
  return seconds === 0 ? t("field.slowModeOff") : duration(seconds);
}

/** Returns the options; the current value is one of them even if it was set through the API. */
export function getSlowModeOptions(current: number, i18n: I18n): { readonly value: string; readonly label: string }[] {
  return [...new Set<number>([...CHOICES_SECONDS, current])]
    .sort((a, b) => a - b)
    .map((seconds) => ({ value: String(seconds), label: formatSlowMode(seconds, i18n) }));
}
