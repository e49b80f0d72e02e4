import type { Invitation } from "@multichat/protocol";
import { useState } from "react";
import { Button, IconButton } from "../../../components/forms/button.tsx";
import { Problem } from "../../../components/forms/field.tsx";
import { Icon } from "../../../components/indicators/icon.tsx";
import { Tag } from "../../../components/indicators/tag.tsx";
import { EmptyState } from "../../../components/layout/empty-state.tsx";
import { Page } from "../../../components/layout/page.tsx";
import { SkeletonLines } from "../../../components/layout/skeleton.tsx";
import { ConfirmDialog } from "../../../components/overlays/confirm-dialog.tsx";
import { type CreatedInvitation, linkAddress, linkApi } from "../../../connection/link-api.ts";
import { useMe } from "../../../hooks/use-chat.ts";
import { useDescribeFailure } from "../../../hooks/use-describe-failure.ts";
import { useLoaded } from "../../../hooks/use-loaded.ts";
import { type I18n, useI18n } from "../../../i18n/i18n.ts";
import styles from "../admin-list.module.css";
import { AdminTabs } from "../admin-tabs.tsx";
import { CreateInvitation } from "./create-invitation.tsx";
import { LinkDialog } from "./link-dialog.tsx";

type OpenDialog =
  | { readonly kind: "create" }
  | { readonly kind: "created"; readonly created: CreatedInvitation }
  | { readonly kind: "revoke"; readonly invitation: Invitation }
  | undefined;

/** Lists the invitation links, creates and revokes them. */
export function InvitationsPage() {
  const i18n = useI18n();
  const { t } = i18n;
  const describe = useDescribeFailure();
  const { state, reload, update } = useLoaded(linkApi.listInvitations);
  const [dialog, setDialog] = useState<OpenDialog>();
  const invitations = state.kind === "loaded" ? state.value : [];
  const close = () => setDialog(undefined);

  function showLink(created: CreatedInvitation): void {
    update((previous) => [created.invitation, ...previous]);
    setDialog({ kind: "created", created });
  }

  async function revoke({ id }: Invitation): Promise<void> {
    await linkApi.revokeInvitation(id);
    update((previous) => previous.map((other) => (other.id === id ? { ...other, state: "revoked" } : other)));
  }

  return (
    <Page
      title={t("admin.title")}
      tabs={<AdminTabs />}
      actions={
        <Button variant="primary" icon="plus" onClick={() => setDialog({ kind: "create" })}>
          {t("invitation.create")}
        </Button>
      }
    >
      {state.kind === "loading" && <SkeletonLines count={4} label={t("invitation.loading")} />}
      {state.kind === "failed" && (
        <>
          <Problem>{describe(state.error)}</Problem>
          <Button icon="retry" onClick={reload}>
            {t("action.retry")}
          </Button>
        </>
      )}
      {state.kind === "loaded" && invitations.length === 0 && (
        <EmptyState illustration={<Icon name="link" />} title={t("invitation.none")} lead={t("invitation.noneLead")} />
      )}
      <ul className={styles.list} aria-label={t("admin.invitations")}>
        {invitations.map((invitation) => (
          <InvitationRow
            key={invitation.id}
            invitation={invitation}
            onRevoke={() => setDialog({ kind: "revoke", invitation })}
          />
        ))}
      </ul>
      {dialog?.kind === "create" && <CreateInvitation onClose={close} onCreated={showLink} />}
      {dialog?.kind === "created" && (
        <LinkDialog
          title={t("invitation.created")}
          lead={describeUse(dialog.created.invitation, i18n)}
          address={linkAddress("invite", dialog.created.token)}
          onClose={close}
        />
      )}
      {dialog?.kind === "revoke" && (
        <ConfirmDialog
          title={t("invitation.revoke")}
          text={t("invitation.revokeText")}
          action={t("invitation.revokeAction")}
          danger
          run={() => revoke(dialog.invitation)}
          onClose={close}
        />
      )}
    </Page>
  );
}

interface InvitationRowProps {
  readonly invitation: Invitation;
  readonly onRevoke: () => void;
}

function InvitationRow({ invitation, onRevoke }: InvitationRowProps) {
  const i18n = useI18n();
  const { t, date } = i18n;
  const me = useMe();
  const { state, by, createdAt, staff, rooms, people, uses } = invitation;
  const isOpen = state === "open" || state === "withdrawn";
  const author = by === null ? t("audit.byOperator") : t("audit.by", { name: by.username });
  return (
    <li className={styles.item}>
      <div className={styles.names}>
        <span className={styles.name}>{describeUse(invitation, i18n)}</span>
        <span className={styles.note}>
          {author} · {date(createdAt)}
          {rooms.length > 0 && (
            <>
              {" · "}
              <bdi>{rooms.map(({ title }) => title).join(", ")}</bdi>
            </>
          )}
        </span>
        {uses > 0 && (
          <span className={styles.note}>
            {t("invitation.people", { count: uses })} <bdi>{people.map(({ username }) => username).join(", ")}</bdi>
          </span>
        )}
      </div>
      <div className={styles.tags}>
        {staff && (
          <Tag icon="shield" variant="accent">
            {t("role.staff")}
          </Tag>
        )}
        {state !== "open" && <Tag>{t(`invitation.state.${state}`)}</Tag>}
      </div>
      {isOpen && (me.superuser || !staff) && (
        <div className={styles.actions}>
          <IconButton icon="trash" label={t("invitation.revokeAction")} onClick={onRevoke} />
        </div>
      )}
    </li>
  );
}

/** Says for how many people a link is, and until when. */
function describeUse({ maxUses, expiresAt }: Invitation, { t, dateTime }: I18n): string {
  const people = maxUses === null ? t("invitation.forAny") : t("invitation.for", { count: maxUses });
  return expiresAt === null ? people : t("invitation.until", { what: people, when: dateTime(expiresAt) });
}
