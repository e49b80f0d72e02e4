import type { Author, Member, RoomListEntry } from "@multichat/protocol";
import { useId } from "react";
import { Avatar } from "../../../components/indicators/avatar.tsx";
import { PresenceDot } from "../../../components/indicators/presence-dot.tsx";
import { Tag } from "../../../components/indicators/tag.tsx";
import { useMe } from "../../../hooks/use-chat.ts";
import { useI18n } from "../../../i18n/i18n.ts";
import { isMuted } from "../../../policies/room-policy.ts";
import { usePresence } from "../../../state/presence.ts";
import { MemberActions } from "./member-actions.tsx";
import styles from "./member-row.module.css";

interface MemberRowProps {
  readonly room: RoomListEntry;
  readonly person: Author;
  /** undefined if the person is not a member. */
  readonly member: Member | undefined;
  readonly open: boolean;
  readonly onToggle: () => void;
}

/** A person with presence and role; expanded, with the actions on them. */
export function MemberRow({ room, person, member, open, onToggle }: MemberRowProps) {
  const { t, date } = useI18n();
  const me = useMe();
  const presence = usePresence(person.id);
  const detailsId = useId();
  const text = presence?.text ?? "";
  return (
    <li className={styles.item} data-open={open || undefined}>
      <button type="button" className={styles.line} aria-expanded={open} aria-controls={detailsId} onClick={onToggle}>
        <span className={styles.avatar}>
          <Avatar id={person.id} name={person.username} />
          <span className={styles.dot}>
            <PresenceDot status={presence?.status} />
          </span>
        </span>
        <span className={styles.names}>
          <span className={styles.name} dir="auto">
            {person.username}
          </span>
          {text !== "" && (
            <span className={styles.note} dir="auto">
              {text}
            </span>
          )}
        </span>
        {person.id === me.id && <Tag>{t("message.you")}</Tag>}
        {member !== undefined && isMuted(member.mutedUntil, Date.now()) && (
          <Tag variant="danger">{t("members.muted")}</Tag>
        )}
        {member !== undefined && member.role !== "member" && <Tag variant="accent">{t(`roomRole.${member.role}`)}</Tag>}
      </button>
      {open && (
        <div id={detailsId} className={styles.more}>
          <p className={styles.note}>
            {t(`presence.${presence?.status ?? "offline"}`)}
            {member !== undefined && ` · ${t("members.since", { when: date(member.since) })}`}
          </p>
          <MemberActions room={room} person={person} member={member} />
        </div>
      )}
    </li>
  );
}
