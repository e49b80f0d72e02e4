import type { RoomListEntry } from "@multichat/protocol";
import { memo } from "react";
import { Link } from "wouter";
import { IconButton } from "../../components/forms/button.tsx";
import { Icon } from "../../components/indicators/icon.tsx";
import { PresenceDot } from "../../components/indicators/presence-dot.tsx";
import { VisuallyHidden } from "../../components/indicators/visually-hidden.tsx";
import { useMe } from "../../hooks/use-chat.ts";
import { type I18n, useI18n } from "../../i18n/i18n.ts";
import type { RoomNavigation } from "../../navigation/room-navigation.ts";
import { useWideLayout } from "../../state/media.ts";
import { usePresence } from "../../state/presence.ts";
import { findOtherPerson, getRoomName } from "../../state/room-name.ts";
import styles from "./room-link.module.css";

interface RoomLinkProps {
  readonly room: RoomListEntry;
  readonly navigation: RoomNavigation;
  /** Only what mentions the user counts as unread. */
  readonly muted: boolean;
  /** A message was begun and not sent. */
  readonly hasDraft: boolean;
}

/** A room of the list: its icon, its name and its unread count. */
export const RoomLink = memo(function RoomLine({ room, navigation, muted, hasDraft }: RoomLinkProps) {
  const i18n = useI18n();
  const { t } = i18n;
  const me = useMe();
  const wide = useWideLayout();
  const { columns, getHref, showBeside } = navigation;
  const name = getRoomName(room, me.id);
  const isActive = columns?.active === room.number;
  const isVisible = wide && (columns?.open.includes(room.number) ?? false);
  return (
    <li className={styles.item}>
      <Link
        href={getHref(room.number)}
        className={styles.room}
        aria-current={isActive ? "page" : undefined}
        data-shown={isVisible || undefined}
        data-unread={(muted ? room.mentions : room.unread) > 0 || undefined}
        data-muted={muted || undefined}
        data-archived={room.archived || undefined}
      >
        <span className={styles.glyph}>
          <Glyph room={room} other={findOtherPerson(room, me.id)?.id} />
        </span>
        <span className={styles.title} dir="auto">
          {name}
        </span>
        {hasDraft && !isActive && <Icon name="pencil" small label={t("rooms.draft")} />}
        {muted && <Icon name="muted" small label={t("rooms.muted")} />}
        {(!muted || room.mentions > 0) && <UnreadCount room={room} i18n={i18n} />}
      </Link>
      {wide && columns !== undefined && !columns.open.includes(room.number) && (
        <span className={styles.sideButton}>
          <IconButton
            icon="beside"
            size="small"
            label={t("room.openBeside", { room: name })}
            onClick={() => showBeside(room.number)}
          />
        </span>
      )}
    </li>
  );
});

function Glyph({ room, other }: { readonly room: RoomListEntry; readonly other: string | undefined }) {
  const { t } = useI18n();
  if (other !== undefined) return <PersonGlyph user={other} />;
  if (room.archived) return <Icon name="archive" small label={t("room.archived")} />;
  if (room.staffOnly) return <Icon name="shield" small label={t("room.staffOnly")} />;
  if (room.kind === "private") return <Icon name="lock" small label={t("room.private")} />;
  return <span aria-hidden="true">#</span>;
}

function PersonGlyph({ user }: { readonly user: string }) {
  return <PresenceDot status={usePresence(user)?.status} />;
}

/** The unread count; as a badge if it addresses the user: mentions, and everything in direct conversations. */
function UnreadCount({ room, i18n }: { readonly room: RoomListEntry; readonly i18n: I18n }) {
  const { t, number } = i18n;
  const formatCount = (count: number) => (count >= 100 ? `${number(99)}+` : number(count));
  if (room.mentions > 0 && room.kind !== "direct") {
    return (
      <span className={styles.badge}>
        <span aria-hidden="true" dir="ltr">
          @{formatCount(room.mentions)}
        </span>
        <VisuallyHidden>{t("rooms.mentions", { count: room.mentions })}</VisuallyHidden>
      </span>
    );
  }
  if (room.unread === 0) return null;
  return (
    <span className={room.kind === "direct" ? styles.badge : styles.count}>
      <span aria-hidden="true">{formatCount(room.unread)}</span>
      <VisuallyHidden>{t("rooms.unread", { count: room.unread })}</VisuallyHidden>
    </span>
  );
}
