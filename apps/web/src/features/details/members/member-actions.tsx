import { CommandError } from "@multichat/client";
import type { Author, Member, RoomListEntry } from "@multichat/protocol";
import { useState } from "react";
import { Button } from "../../../components/forms/button.tsx";
import { Problem } from "../../../components/forms/field.tsx";
import { chat } from "../../../connection/chat.ts";
import { useAction } from "../../../hooks/use-action.ts";
import { useMe } from "../../../hooks/use-chat.ts";
import { useOpenDirect } from "../../../hooks/use-open-direct.ts";
import { useI18n } from "../../../i18n/i18n.ts";
import { mayInvite, mayManage, rolesToGive } from "../../../policies/room-policy.ts";
import { ConfirmMemberChange, type MemberChange } from "./confirm-member-change.tsx";
import styles from "./member-actions.module.css";
import { MuteChoice } from "./mute-menu.tsx";
import { useBans } from "./use-bans.ts";

interface MemberActionsProps {
  readonly room: RoomListEntry;
  readonly person: Author;
  /** undefined: no member. */
  readonly member: Member | undefined;
}

/** What one may do about somebody in a room. What the server refuses nevertheless, it says here. */
export function MemberActions({ room, person, member }: MemberActionsProps) {
  const { t } = useI18n();
  const me = useMe();
  const [asking, setAsking] = useState<MemberChange>();
  const write = useOpenDirect();
  const invite = useInvite(room.id);
  const banned = useBans(room).banned.some((ban) => ban.user.id === person.id);
  const self = person.id === me.id;
  // Of somebody who is no member it is not known what else they are; an owner would be one.
  const manages = room.kind !== "direct" && mayManage(me, room, member ?? { user: person, role: "member" });
  return (
    <div className={styles.actions}>
      <Problem>{write.problem ?? invite.problem}</Problem>
      <div className={styles.row}>
        {!self && (
          <Button size="small" icon="bubble" busy={write.busyWith !== undefined} onClick={() => write.run(person.id)}>
            {t("members.write")}
          </Button>
        )}
        {member === undefined && mayInvite(me, room) && !invite.banned && (
          <Button
            size="small"
            look="primary"
            icon="invite"
            busy={invite.busy}
            onClick={() => invite.run({ user: person.id, lift: false })}
          >
            {t("members.invite")}
          </Button>
        )}
        {invite.banned && (
          <Button size="small" busy={invite.busy} onClick={() => invite.run({ user: person.id, lift: true })}>
            {t("members.liftAndInvite")}
          </Button>
        )}
      </div>
      {manages && (
        <>
          {member !== undefined && (
            <div className={styles.row}>
              {rolesToGive(me, room)
                .filter((role) => role !== member.role)
                .map((role) => (
                  <Button key={role} size="small" onClick={() => setAsking({ kind: "role", role })}>
                    {t(`members.make.${role}`)}
                  </Button>
                ))}
            </div>
          )}
          {(member !== undefined || room.kind === "open") && (
            <MuteChoice room={room.id} user={person.id} mutedUntil={member?.mutedUntil ?? null} />
          )}
          <div className={styles.row}>
            {member !== undefined && (
              <Button size="small" look="danger" icon="leave" onClick={() => setAsking({ kind: "remove" })}>
                {t("members.remove")}
              </Button>
            )}
            {banned ? (
              <Button size="small" onClick={() => setAsking({ kind: "unban" })}>
                {t("members.unban")}
              </Button>
            ) : (
              <Button size="small" look="danger" icon="ban" onClick={() => setAsking({ kind: "ban" })}>
                {t("members.ban")}
              </Button>
            )}
          </div>
        </>
      )}
      {asking !== undefined && (
        <ConfirmMemberChange room={room} person={person} change={asking} onClose={() => setAsking(undefined)} />
      )}
    </div>
  );
}

interface Invitation {
  readonly user: string;
  /** Lift their ban first. */
  readonly lift: boolean;
}

/** Brings somebody into the room; who turns out to be banned can be let in again. */
function useInvite(room: string) {
  const [banned, setBanned] = useState(false);
  const action = useAction(async ({ user, lift }: Invitation) => {
    try {
      if (lift) await chat.request("member.remove", { room, user, ban: false });
      await chat.request("member.add", { room, user });
      setBanned(false);
    } catch (error) {
      setBanned(error instanceof CommandError && error.code === "MEMBER_BANNED");
      throw error;
    }
  });
  return { banned, busy: action.busyWith !== undefined, problem: action.problem, run: action.run };
}
