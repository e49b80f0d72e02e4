import { CommandError } from "@multichat/client";
import { ERRORS, type ErrorCode } from "@multichat/protocol";
import { RequestFailed } from "../connection/http.ts";
import type { Key } from "../i18n/catalogue.ts";
import { en } from "../i18n/en.ts";
import { type I18n, useI18n } from "../i18n/i18n.ts";

/** Describes anything that was thrown, in the user's language where the code is known. */
export function describeFailure(error: unknown, i18n: I18n): string {
  const { t } = i18n;
  if (!(error instanceof RequestFailed || error instanceof CommandError)) return t("error.OFFLINE");
  if (error.code === "RATE_LIMITED" && error.retryAfterSeconds !== undefined) {
    return t("error.wait", { count: Math.ceil(error.retryAfterSeconds) });
  }
  // The field and what was expected there say more than the sentence of the code.
  const issue = error instanceof RequestFailed ? error.issues[0] : undefined;
  if (issue !== undefined) return `${issue.path}: ${issue.message}`;
  return describeCode(error.code, error.message, i18n);
}

/** Returns the sentence for a code, or the server's message when there is none. */
export function describeCode(code: string, message: string, { t, locale }: I18n): string {
  const key = `error.${code}`;
  if (!isKey(key)) return message;
  // The server's message may be more precise than the table, but it is in English.
  const general = Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode].message : message;
  return message === general || locale !== "en" ? t(key) : message;
}

type PlainErrorKey = Extract<Key, `error.${ErrorCode | "OFFLINE" | "DISCARDED" | "AUTHOR_UNKNOWN"}`>;

function isKey(key: string): key is PlainErrorKey {
  return Object.hasOwn(en, key) && key !== "error.wait";
}

export function useDescribeFailure(): (error: unknown) => string {
  const i18n = useI18n();
  return (error) => describeFailure(error, i18n);
}
