import { useState } from "react";
import { Button } from "../../components/forms/button.tsx";
import { Problem } from "../../components/forms/field.tsx";
import { Avatar } from "../../components/indicators/avatar.tsx";
import { Tag } from "../../components/indicators/tag.tsx";
import { Panel } from "../../components/layout/page.tsx";
import { ConfirmDialog } from "../../components/overlays/confirm-dialog.tsx";
import { useOutbox, useProfile } from "../../hooks/use-chat.ts";
import { useDescribeFailure } from "../../hooks/use-describe-failure.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { signOut } from "../../state/sign-out.ts";
import { hasDrafts } from "../../state/storage/drafts.ts";
import styles from "./settings.module.css";

export function Account() {
  const { t } = useI18n();
  const describe = useDescribeFailure();
  const { me, version } = useProfile();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  const hasUnsent = useOutbox().length > 0;
  const [confirming, setConfirming] = useState(false);

  async function onSignOut(): Promise<void> {
    if (hasUnsent || hasDrafts(me.id)) {
      setConfirming(true);
      return;
    }
    setBusy(true);
    try {
      await signOut();
    } catch (error) {
      setProblem(describe(error));
      setBusy(false);
    }
  }

  return (
    <Panel title={t("settings.account")} lead={t("settings.accountLead")}>
      <div className={styles.person}>
        <Avatar id={me.id} name={me.username} />
        <div className={styles.names}>
          <span className={styles.name} dir="auto">
            {me.username}
          </span>
          {me.email !== null && <span className={styles.note}>{me.email}</span>}
        </div>
        {me.staff && (
          <Tag icon="shield" variant="accent">
            {t(me.superuser ? "role.superuser" : "role.staff")}
          </Tag>
        )}
        <Button icon="leave" busy={busy} onClick={() => void onSignOut()}>
          {t("signOut.action")}
        </Button>
      </div>
      <Problem>{problem}</Problem>
      {confirming && (
        <ConfirmDialog
          title={t("signOut.unsentTitle")}
          text={t("signOut.unsentText")}
          action={t("signOut.action")}
          icon="leave"
          danger
          run={signOut}
          onClose={() => setConfirming(false)}
        />
      )}
      <p className={styles.note}>{t("settings.version", { version })}</p>
    </Panel>
  );
}
