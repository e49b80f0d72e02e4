import type { I18n } from "./i18n.ts";

/** Seconds between two messages that can be chosen; 0: no waiting. */
const CHOICES_SECONDS = [0, 5, 10, 30, 60, 300, 900, 3600] as const;

export function formatSlowMode(seconds: number, { t, duration }: I18n): string {
  return seconds === 0 ? t("field.slowModeOff") : duration(seconds);
}

/** @param current what is set now, perhaps by another way: it can be kept. */
export function getSlowModeOptions(current: number, i18n: I18n): { readonly value: string; readonly label: string }[] {
  return [...new Set<number>([...CHOICES_SECONDS, current])]
    .sort((a, b) => a - b)
    .map((seconds) => ({ value: String(seconds), label: formatSlowMode(seconds, i18n) }));
}
