import { CommandError, UploadFailed } from "@multichat/client";
import { RequestFailed } from "../connection/http.ts";
import { type I18n, isGeneralMessage, useI18n } from "../i18n/i18n.ts";

/** Describes anything that was thrown, in the user's language where the code is known. */
export function describeFailure(error: unknown, i18n: I18n): string {
  const { t } = i18n;
  if (!(error instanceof RequestFailed || error instanceof CommandError || error instanceof UploadFailed))
    return t("error.OFFLINE");
  if (error.code === "RATE_LIMITED" && error.retryAfterSeconds !== undefined) {
    return t("error.wait", { count: Math.ceil(error.retryAfterSeconds) });
  }
  // The field and what was expected there say more than the sentence of the code.
  const issue = error instanceof RequestFailed ? error.issues[0] : undefined;
  if (issue !== undefined) return toSentence(`${issue.message.replace(/\.$/, "")} (${issue.path})`);
  return describeCode(error.code, error.message, i18n);
}

/** Makes a sentence of an issue's message. The server's issues are clauses ("expected at most 80 characters"). */
export function toSentence(clause: string): string {
  const sentence = clause.charAt(0).toLocaleUpperCase() + clause.slice(1);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}

/**
 * Returns the sentence for a code. Most of them are loaded after the page, so the server's message is shown until then, and
 * for a code without one. In English, the server's message is also shown where it is more precise than that of its table.
 */
export function describeCode(code: string, message: string, { t, locale }: I18n): string {
  // Whether there is such a text is known only at run time.
  const text = /^[A-Z_]+$/.test(code) ? t(`error.${code}` as "error.OFFLINE") : "";
  if (text === "") return message;
  return locale !== "en" || isGeneralMessage(code, message) ? text : message;
}

export function useDescribeFailure(): (error: unknown) => string {
  const i18n = useI18n();
  return (error) => describeFailure(error, i18n);
}
