import { LIMITS } from "@multichat/protocol";
import { useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { AccountFields, EMPTY_ACCOUNT } from "../../components/forms/account-fields.tsx";
import { Button } from "../../components/forms/button.tsx";
import { Problem } from "../../components/forms/field.tsx";
import { linkApi } from "../../connection/link-api.ts";
import { useForm } from "../../hooks/use-form.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { refreshSession, useSession } from "../../state/session.ts";
import { useTitle } from "../../state/unread/page-title.ts";
import { ClosedLink } from "./closed-link.tsx";
import styles from "./entry-form.module.css";
import { EntryPage } from "./entry-page.tsx";
import { submitOnce } from "./submit-once.ts";
import { useOpenedLink } from "./use-opened-link.ts";

/** Where people create their own accounts with an invitation link. */
export function Invite() {
  const { t } = useI18n();
  const link = useOpenedLink(linkApi.readInvitation);
  const session = useSession();
  useTitle(t("invite.title"));
  if (link.kind === "loading") return <EntryPage title={t("invite.title")} lead={t("setup.loading")} />;
  if (link.kind === "closed") return <ClosedLink error={link.error} />;
  if (session.kind === "signed-in") {
    const { username } = session.profile.me;
    return (
      <EntryPage title={t("invite.signedIn", { name: username })} lead={t("invite.signedInLead")}>
        <Link href="/">{t("action.toRooms")}</Link>
      </EntryPage>
    );
  }
  return <NewAccount token={link.token} by={link.value.by} />;
}

function NewAccount({ token, by }: { readonly token: string; readonly by: string | null }) {
  const { t } = useI18n();
  const [, navigate] = useLocation();
  const [account, setAccount] = useState(EMPTY_ACCOUNT);
  const attempt = useRef({ isRepeated: false });
  const form = useForm(["username", "email", "password"], async () => {
    const { email, password } = account;
    const username = account.username.trim();
    const send = () => linkApi.acceptInvitation({ token, username, password, ...(email === "" ? {} : { email }) });
    await submitOnce(attempt.current, send, { username, password });
    await refreshSession();
    navigate("/", { replace: true });
  });
  return (
    <EntryPage title={t("invite.title")} lead={by === null ? t("invite.lead") : t("invite.leadBy", { name: by })}>
      <form className={styles.form} onSubmit={form.onSubmit}>
        <Problem>{form.problem}</Problem>
        <AccountFields
          account={account}
          onChange={setAccount}
          problemOf={form.problemOf}
          limits={LIMITS}
          passwordHint={t("field.passwordHint", { count: LIMITS.passwordMinChars })}
          isOwn
        />
        <Button type="submit" variant="primary" busy={form.busy}>
          {t("invite.action")}
        </Button>
      </form>
      <p className={styles.footer}>
        {t("invite.hasAccount")} <Link href="/login">{t("signIn.action")}</Link>
      </p>
    </EntryPage>
  );
}
