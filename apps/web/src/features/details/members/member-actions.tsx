import { CommandError } from "@multichat/client";
import type { Author, Member, RoomListEntry } from "@multichat/protocol";
import { useState } from "react";
import { Button } from "../../../components/forms/button.tsx";
import { Problem } from "../../../components/forms/field.tsx";
import { sendCommand } from "../../../connection/send-command.ts";
import { useAction } from "../../../hooks/use-action.ts";
import { useMe } from "../../../hooks/use-chat.ts";
import { useOpenDirect } from "../../../hooks/use-open-direct.ts";
import { useI18n } from "../../../i18n/i18n.ts";
import { canInvite, canManage, getAssignableRoles } from "../../../policies/room-policy.ts";
import { ConfirmMemberChange, type MemberChange } from "./confirm-member-change.tsx";
import styles from "./member-actions.module.css";
import { MuteMenu } from "./mute-menu.tsx";
import { useBans } from "./use-bans.ts";

interface MemberActionsProps {
  readonly room: RoomListEntry;
  readonly person: Author;
  /** undefined if the person is not a member. */
  readonly member: Member | undefined;
}

/** The actions on a person in a room. Shows the error when the server rejects one. */
export function MemberActions({ room, person, member }: MemberActionsProps) {
  const { t } = useI18n();
  const me = useMe();
  const [pendingChange, setPendingChange] = useState<MemberChange>();
  const openDirect = useOpenDirect();
  const invite = useInvite(room.id);
  const isBanned = useBans(room).banned.some((ban) => ban.user.id === person.id);
  const isSelf = person.id === me.id;
  // The role of a non-member is unknown, but an owner would be a member.
  const canManageMember = room.kind !== "direct" && canManage(me, room, member ?? { user: person, role: "member" });
  return (
    <div className={styles.actions}>
      <Problem>{openDirect.problem ?? invite.problem}</Problem>
      <div className={styles.row}>
        {!isSelf && (
          <Button
            size="small"
            icon="bubble"
            busy={openDirect.pending.length > 0}
            onClick={() => openDirect.run(person.id)}
          >
            {t("members.message")}
          </Button>
        )}
        {member === undefined && canInvite(me, room) && !invite.banned && (
          <Button
            size="small"
            variant="primary"
            icon="invite"
            busy={invite.busy}
            onClick={() => invite.run({ user: person.id, liftBan: false })}
          >
            {t("members.invite")}
          </Button>
        )}
        {invite.banned && (
          <Button size="small" busy={invite.busy} onClick={() => invite.run({ user: person.id, liftBan: true })}>
            {t("members.unbanAndInvite")}
          </Button>
        )}
      </div>
      {canManageMember && (
        <>
          {member !== undefined && (
            <div className={styles.row}>
              {getAssignableRoles(me, room)
                .filter((role) => role !== member.role)
                .map((role) => (
                  <Button key={role} size="small" onClick={() => setPendingChange({ kind: "role", role })}>
                    {t(`members.make.${role}`)}
                  </Button>
                ))}
            </div>
          )}
          {(member !== undefined || room.kind === "open") && (
            <MuteMenu room={room.id} user={person.id} mutedUntil={member?.mutedUntil ?? null} />
          )}
          <div className={styles.row}>
            {member !== undefined && (
              <Button size="small" variant="danger" icon="leave" onClick={() => setPendingChange({ kind: "remove" })}>
                {t("members.remove")}
              </Button>
            )}
            {isBanned ? (
              <Button size="small" onClick={() => setPendingChange({ kind: "unban" })}>
                {t("members.unban")}
              </Button>
            ) : (
              <Button size="small" variant="danger" icon="ban" onClick={() => setPendingChange({ kind: "ban" })}>
                {t("members.ban")}
              </Button>
            )}
          </div>
        </>
      )}
      {pendingChange !== undefined && (
        <ConfirmMemberChange
          room={room}
          person={person}
          change={pendingChange}
          onClose={() => setPendingChange(undefined)}
        />
      )}
    </div>
  );
}

interface Invitation {
  readonly user: string;
  /** Lifts the person's ban first. */
  readonly liftBan: boolean;
}

function isSameInvitation(a: Invitation, b: Invitation): boolean {
  return a.user === b.user && a.liftBan === b.liftBan;
}

/** Adds a person to the room; if they turn out to be banned, offers to lift the ban first. */
function useInvite(room: string) {
  const [needsUnban, setNeedsUnban] = useState(false);
  const action = useAction(async ({ user, liftBan }: Invitation) => {
    try {
      if (liftBan) await sendCommand("member.remove", { room, user, ban: false });
      await sendCommand("member.add", { room, user });
      setNeedsUnban(false);
    } catch (error) {
      setNeedsUnban(error instanceof CommandError && error.code === "MEMBER_BANNED");
      throw error;
    }
  }, isSameInvitation);
  return { banned: needsUnban, busy: action.pending.length > 0, problem: action.problem, run: action.run };
}
