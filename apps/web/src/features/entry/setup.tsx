import { LIMITS } from "@multichat/protocol";
import type { PasswordWeakness } from "@multichat/protocol/passwords";
import { useEffect, useState } from "react";
import { Link, useLocation } from "wouter";
import { AccountFields, type AccountInput, EMPTY_ACCOUNT } from "../../components/forms/account-fields.tsx";
import { Button } from "../../components/forms/button.tsx";
import { Field, Problem } from "../../components/forms/field.tsx";
import { RequestFailed } from "../../connection/http.ts";
import { serverApi } from "../../connection/server-api.ts";
import { useDescribeFailure } from "../../hooks/use-describe-failure.ts";
import { useForm } from "../../hooks/use-form.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { retryImport } from "../../state/retry-import.ts";
import { refreshSession } from "../../state/session.ts";
import { useTitle } from "../../state/unread/page-title.ts";
import { useAddressToken } from "./address-token.ts";
import styles from "./entry-form.module.css";
import { EntryPage } from "./entry-page.tsx";

type SetupState =
  | { readonly kind: "loading" }
  | { readonly kind: "open" }
  | { readonly kind: "closed"; readonly error?: unknown };

/** The first run: the one-time setup address creates the first administrator and the first room. */
export function Setup() {
  const { t } = useI18n();
  const describe = useDescribeFailure();
  const token = useAddressToken();
  const [state, setState] = useState<SetupState>({ kind: "loading" });
  useTitle(t("setup.title"));

  useEffect(() => {
    if (token === "") {
      setState({ kind: "closed" });
      return;
    }
    setState({ kind: "loading" });
    const abort = new AbortController();
    serverApi.checkSetupToken(token, abort.signal).then(
      ({ open }) => setState(open ? { kind: "open" } : { kind: "closed" }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const isClosed = error instanceof RequestFailed && error.code === "SETUP_CLOSED";
        setState(isClosed ? { kind: "closed" } : { kind: "closed", error });
      },
    );
    return () => abort.abort();
  }, [token]);

  switch (state.kind) {
    case "loading":
      return <EntryPage title={t("setup.title")} lead={t("setup.loading")} />;
    case "closed":
      return (
        <EntryPage
          title={t("setup.closed")}
          lead={state.error === undefined ? t("setup.closedLead") : describe(state.error)}
        >
          <Link href="/login">{t("signIn.action")}</Link>
        </EntryPage>
      );
    case "open":
      return <SetupWizard token={token} />;
  }
}

async function findWeakness({ username, email, password }: AccountInput): Promise<PasswordWeakness | undefined> {
  // Already loaded for the meter of the field.
  const { judgePassword } = await retryImport(() => import("../../hooks/password-strength.ts"));
  return judgePassword(password, { username, email }, LIMITS.passwordMinChars).weakness;
}

function SetupWizard({ token }: { readonly token: string }) {
  const { t } = useI18n();
  const [, navigate] = useLocation();
  const [step, setStep] = useState<"account" | "room">("account");
  const [account, setAccount] = useState(EMPTY_ACCOUNT);
  const [room, setRoom] = useState(t("setup.roomDefault"));
  const form = useForm(["username", "email", "password", "room"], async () => {
    const { username, email, password } = account;
    if (step === "account") {
      // The server would refuse it at the end of the second step.
      const weakness = await findWeakness(account);
      if (weakness !== undefined) {
        const issues = [{ path: "password", message: t(`password.${weakness}`) }];
        throw new RequestFailed("COMMAND_INVALID", "The password is weak.", { issues });
      }
      setStep("room");
      return;
    }
    try {
      const created = await serverApi.completeSetup({
        token,
        username,
        password,
        room,
        ...(email === "" ? {} : { email }),
      });
      // The response has signed the new administrator in.
      await refreshSession();
      navigate(`/rooms/${created.room.number}`, { replace: true });
    } catch (error) {
      // Errors of the account belong to the first step.
      if (error instanceof RequestFailed && error.issues.some((issue) => issue.path !== "room")) setStep("account");
      throw error;
    }
  });

  return (
    <EntryPage title={t("setup.title")} lead={t("setup.lead")}>
      <ol className={styles.steps}>
        <li aria-current={step === "account" ? "step" : undefined} data-done={step === "room" || undefined}>
          {t("setup.stepAccount")}
        </li>
        <li aria-current={step === "room" ? "step" : undefined}>{t("setup.stepRoom")}</li>
      </ol>
      <form className={styles.form} onSubmit={form.onSubmit} key={step}>
        <Problem>{form.problem}</Problem>
        {step === "account" ? (
          <>
            <AccountFields
              account={account}
              onChange={setAccount}
              problemOf={form.problemOf}
              limits={LIMITS}
              passwordHint={t("field.passwordHint", { count: LIMITS.passwordMinChars })}
              isOwn
            />
            <Button type="submit" variant="primary">
              {t("action.continue")}
            </Button>
          </>
        ) : (
          <>
            <Field
              label={t("field.roomTitle")}
              hint={t("setup.roomHint")}
              problem={form.problemOf("room")}
              autoFocus
              required
              maxChars={LIMITS.roomTitleChars}
              value={room}
              onChange={(event) => setRoom(event.target.value)}
            />
            <div className={styles.actions}>
              <Button onClick={() => setStep("account")}>{t("action.back")}</Button>
              <Button type="submit" variant="primary" busy={form.busy}>
                {t("setup.action")}
              </Button>
            </div>
          </>
        )}
      </form>
    </EntryPage>
  );
}
