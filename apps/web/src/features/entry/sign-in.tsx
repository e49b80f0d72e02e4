import { useEffect, useRef, useState } from "react";
import { Redirect, useSearchParams } from "wouter";
import { Button } from "../../components/forms/button.tsx";
import { Field, Problem } from "../../components/forms/field.tsx";
import { RequestFailed } from "../../connection/http.ts";
import { serverApi } from "../../connection/server-api.ts";
import { useForm } from "../../hooks/use-form.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { safeNextPath } from "../../navigation/next-path.ts";
import { signIn, useSession } from "../../state/session.ts";
import { useTitle } from "../../state/unread/page-title.ts";
import styles from "./entry-form.module.css";
import { EntryPage } from "./entry-page.tsx";

export function SignIn() {
  const { t } = useI18n();
  const state = useSession();
  const [search] = useSearchParams();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const passwordField = useRef<HTMLInputElement>(null);
  const form = useForm([], async () => {
    try {
      await signIn(username.trim(), password);
    } catch (error) {
      if (error instanceof RequestFailed && error.code === "SIGN_IN_FAILED") {
        setPassword("");
        passwordField.current?.focus();
      }
      throw error;
    }
  });
  const setupNeeded = useSetupNeeded();
  useTitle(t("signIn.title"));

  if (state.kind === "signed-in") return <Redirect to={safeNextPath(search.get("next"))} replace />;

  const wasEnded = state.kind === "anonymous" && (state.reason === "ended" || state.reason === "banned");
  return (
    <EntryPage title={t("signIn.title")} lead={t("signIn.lead")}>
      <form className={styles.form} onSubmit={form.onSubmit}>
        {wasEnded && (
          <p className={styles.note} role="status">
            {t(state.reason === "banned" ? "signIn.banned" : "signIn.ended")}
          </p>
        )}
        {setupNeeded && (
          <p className={styles.note} role="status">
            {t("signIn.needed")}
          </p>
        )}
        <Problem>{form.problem}</Problem>
        <Field
          label={t("field.username")}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck="false"
          autoFocus
          required
          maxLength={200}
          value={username}
          onChange={(event) => setUsername(event.target.value)}
        />
        <Field
          label={t("field.password")}
          inputRef={passwordField}
          name="password"
          type="password"
          autoComplete="current-password"
          required
          maxLength={200}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <Button type="submit" variant="primary" busy={form.busy}>
          {t("signIn.action")}
        </Button>
      </form>
      <p className={styles.footer}>{t("signIn.help")}</p>
    </EntryPage>
  );
}

/** Whether the server has no accounts yet and must be set up first. */
function useSetupNeeded(): boolean {
  const [needed, setNeeded] = useState(false);
  useEffect(() => {
    const abort = new AbortController();
    serverApi.getSetupState(abort.signal).then(
      (state) => setNeeded(state.needed),
      // Only a hint: signing in shows what is wrong.
      () => {},
    );
    return () => abort.abort();
  }, []);
  return needed;
}
