import type { RoomListEntry } from "@multichat/protocol";
import { memo } from "react";
import { Link, useLocation } from "wouter";
import { Avatar } from "../../components/avatar.tsx";
import { IconButton } from "../../components/button.tsx";
import { Icon } from "../../components/icon.tsx";
import { Logo } from "../../components/logo.tsx";
import { SkeletonLines } from "../../components/skeleton.tsx";
import { VisuallyHidden } from "../../components/visually-hidden.tsx";
import { useMe, useProfile, useRooms } from "../../stores/chat.ts";
import { useI18n } from "../../stores/i18n/i18n.ts";
import { useWide } from "../../stores/media.ts";
import { type RoomNavigation, useRoomNavigation } from "../chat/navigation.ts";
import { openOverlay } from "./overlay.ts";
import styles from "./rooms-pane.module.css";

/** The rooms that one may see, as the server has them at this moment; who one is and the way to the settings below. */
export function RoomsPane({ alone }: { /** The whole of the page. */ readonly alone?: boolean }) {
  const { t } = useI18n();
  const { mayCreateRooms } = useProfile();
  return (
    <div className={styles.pane}>
      <header className={styles.header}>
        <Link href="/" className={styles.home}>
          <Logo />
        </Link>
        <IconButton icon="search" size="small" label={t("jump.open")} onClick={() => openOverlay("jump")} />
        {mayCreateRooms && (
          <IconButton icon="plus" size="small" label={t("room.create")} onClick={() => openOverlay("create-room")} />
        )}
      </header>
      {alone && (
        <VisuallyHidden>
          <h1>{t("rooms.section")}</h1>
        </VisuallyHidden>
      )}
      <nav className={styles.list} aria-label={t("rooms.label")}>
        <RoomList />
      </nav>
      <Foot />
    </div>
  );
}

function RoomList() {
  const { t } = useI18n();
  const { status, rooms } = useRooms();
  const navigation = useRoomNavigation();
  // On a phone this pane is the page, so its heading is the page's.
  const Heading = useWide() ? "h2" : "h1";

  if (status === "cold") return <SkeletonLines count={6} label={t("rooms.loading")} />;
  const open = rooms.filter((room) => !room.archived);
  const archived = rooms.filter((room) => room.archived);
  return (
    <>
      <section>
        <Heading className={styles.heading}>{t("rooms.section")}</Heading>
        {open.length === 0 && <NoRooms />}
        <ul>
          {open.map((room) => (
            <RoomLine key={room.id} room={room} navigation={navigation} />
          ))}
        </ul>
      </section>
      {archived.length > 0 && (
        <details className={styles.archived}>
          <summary className={styles.heading}>{t("rooms.archived", { count: archived.length })}</summary>
          <ul>
            {archived.map((room) => (
              <RoomLine key={room.id} room={room} navigation={navigation} />
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function NoRooms() {
  const { t } = useI18n();
  const { mayCreateRooms } = useProfile();
  return <p className={styles.empty}>{t(mayCreateRooms ? "rooms.noneCreate" : "rooms.noneWait")}</p>;
}

interface RoomLineProps {
  readonly room: RoomListEntry;
  readonly navigation: RoomNavigation;
}

const RoomLine = memo(function RoomLine({ room, navigation }: RoomLineProps) {
  const { t, number } = useI18n();
  const wide = useWide();
  const { columns, hrefOf, showBeside } = navigation;
  const active = columns?.active === room.number;
  const shown = wide && (columns?.open.includes(room.number) ?? false);
  const count = room.unread >= 100 ? `${number(99)}+` : number(room.unread);
  return (
    <li className={styles.item}>
      <Link
        href={hrefOf(room.number)}
        className={styles.room}
        aria-current={active ? "page" : undefined}
        data-shown={shown || undefined}
        data-unread={room.unread > 0 || undefined}
      >
        <span className={styles.glyph}>
          {room.staffOnly ? (
            <Icon name="shield" small label={t("room.staffOnly")} />
          ) : room.archived ? (
            <Icon name="archive" small label={t("room.archived")} />
          ) : (
            <span aria-hidden="true">#</span>
          )}
        </span>
        <span className={styles.title}>
          <bdi>{room.title}</bdi>
        </span>
        {room.mentions > 0 ? (
          <span className={styles.mentions}>
            <span aria-hidden="true">@{count}</span>
            <VisuallyHidden>{t("rooms.mentions", { count: room.mentions })}</VisuallyHidden>
          </span>
        ) : (
          room.unread > 0 && (
            <span className={styles.count}>
              <span aria-hidden="true">{count}</span>
              <VisuallyHidden>{t("rooms.unread", { count: room.unread })}</VisuallyHidden>
            </span>
          )
        )}
      </Link>
      {wide && columns !== undefined && !columns.open.includes(room.number) && (
        <span className={styles.beside}>
          <IconButton
            icon="beside"
            size="small"
            label={t("room.openBeside", { room: room.title })}
            onClick={() => showBeside(room.number)}
          />
        </span>
      )}
    </li>
  );
});

function Foot() {
  const { t } = useI18n();
  const me = useMe();
  const [path] = useLocation();
  const role = me.superuser ? "role.superuser" : me.staff ? "role.staff" : "role.member";
  return (
    <footer className={styles.foot}>
      <Link href="/settings" className={styles.me} aria-current={path === "/settings" ? "page" : undefined}>
        <Avatar id={me.id} name={me.username} />
        <span className={styles.names}>
          <span className={styles.name}>
            <bdi>{me.username}</bdi>
          </span>
          <span className={styles.role}>{t(role)}</span>
        </span>
        <Icon name="settings" label={t("settings.title")} />
      </Link>
      {me.staff && (
        <Link
          href="/admin/rooms"
          className={styles.admin}
          aria-label={t("admin.title")}
          title={t("admin.title")}
          aria-current={path.startsWith("/admin") ? "page" : undefined}
        >
          <Icon name="shield" />
        </Link>
      )}
    </footer>
  );
}
