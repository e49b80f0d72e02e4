import type { RoomListEntry } from "@multichat/protocol";
import { type ReactNode, useMemo } from "react";
import { Link, useLocation } from "wouter";
import { IconButton } from "../../components/forms/button.tsx";
import { Icon } from "../../components/indicators/icon.tsx";
import { SkeletonLines } from "../../components/layout/skeleton.tsx";
import { useMe, useProfile, useRooms } from "../../hooks/use-chat.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { useRoomNavigation } from "../../navigation/room-navigation.ts";
import { openOverlay } from "../../state/overlay.ts";
import { isMuted, useRoomPreferences, useStarred } from "../../state/room-preferences.ts";
import { useCollapsed } from "../../state/storage/collapsed.ts";
import { useDraftRooms } from "../../state/storage/drafts.ts";
import { RoomLink } from "./room-link.tsx";
import styles from "./room-list.module.css";
import { groupIntoSections } from "./room-sections.ts";

/** The rooms by section; empty sections are left out. */
export function RoomList() {
  const { t, locale } = useI18n();
  const me = useMe();
  const { status, rooms } = useRooms();
  const starred = useStarred();
  const sections = useMemo(() => groupIntoSections(rooms, me.id, starred, locale), [rooms, me.id, starred, locale]);

  if (status === "cold") return <SkeletonLines count={6} label={t("rooms.loading")} />;
  const hasUnstarredRooms = rooms.some((room) => !room.archived && room.kind !== "direct" && !starred.has(room.id));
  return (
    <>
      <DraftsLink rooms={rooms} />
      {sections.starred.length > 0 && <Section title={t("rooms.starred")} rooms={sections.starred} />}
      {(hasUnstarredRooms || sections.starred.length === 0) && (
        <Section
          title={t("rooms.title")}
          rooms={sections.rooms}
          action={
            <IconButton
              icon="compass"
              size="small"
              label={t("browse.title")}
              onClick={() => openOverlay("browse-rooms")}
            />
          }
        >
          {sections.rooms.length === 0 && <NoRooms />}
        </Section>
      )}
      <Section
        title={t("rooms.direct")}
        rooms={sections.direct}
        action={
          <IconButton icon="bubble" size="small" label={t("direct.new")} onClick={() => openOverlay("new-direct")} />
        }
      />
      {sections.others.length > 0 && (
        <CollapsibleSection
          name="others"
          title={t("rooms.others", { count: sections.others.length })}
          rooms={sections.others}
        />
      )}
      {sections.archived.length > 0 && (
        <CollapsibleSection
          name="archived"
          initiallyCollapsed
          title={t("rooms.archived", { count: sections.archived.length })}
          rooms={sections.archived}
        />
      )}
    </>
  );
}

/** Appears with the first draft in a room that is not shown: typing in one that is must not move the list. */
function DraftsLink({ rooms }: { readonly rooms: readonly RoomListEntry[] }) {
  const { t, number } = useI18n();
  const [path] = useLocation();
  const drafts = useDraftRooms(useMe().id);
  const { columns } = useRoomNavigation();
  const count = rooms.filter(({ id, number: room }) => drafts.has(id) && columns?.open.includes(room) !== true).length;
  if (count === 0) return null;
  return (
    <Link href="/drafts" className={styles.drafts} aria-current={path === "/drafts" ? "page" : undefined}>
      <Icon name="pencil" small />
      <span>{t("rooms.drafts")}</span>
      <span className={styles.count}>{number(count)}</span>
    </Link>
  );
}

interface SectionProps {
  readonly title: string;
  readonly rooms: readonly RoomListEntry[];
  /** A button beside the title. */
  readonly action?: ReactNode;
  /** Shown when the section has no rooms. */
  readonly children?: ReactNode;
}

function Section({ title, rooms, action, children }: SectionProps) {
  return (
    <section className={styles.section}>
      <div className={styles.header}>
        <h2 className={styles.heading}>{title}</h2>
        {action}
      </div>
      {children}
      <RoomLinks rooms={rooms} />
    </section>
  );
}

interface CollapsibleSectionProps {
  /** The key under which this browser remembers the state. */
  readonly name: string;
  readonly title: string;
  readonly rooms: readonly RoomListEntry[];
  /** @default false */
  readonly initiallyCollapsed?: boolean;
}

function CollapsibleSection({ name, title, rooms, initiallyCollapsed = false }: CollapsibleSectionProps) {
  const [collapsed, setCollapsed] = useCollapsed(name, { initially: initiallyCollapsed });
  return (
    <details
      className={styles.section}
      open={!collapsed}
      onToggle={(event) => {
        if (event.currentTarget.open === collapsed) setCollapsed(!event.currentTarget.open);
      }}
    >
      <summary className={styles.heading}>{title}</summary>
      <RoomLinks rooms={rooms} />
    </details>
  );
}

function RoomLinks({ rooms }: { readonly rooms: readonly RoomListEntry[] }) {
  const navigation = useRoomNavigation();
  const preferences = useRoomPreferences();
  const drafts = useDraftRooms(useMe().id);
  if (rooms.length === 0) return null;
  return (
    <ul>
      {rooms.map((room) => (
        <RoomLink
          key={room.id}
          room={room}
          navigation={navigation}
          muted={isMuted(room.id, preferences)}
          hasDraft={drafts.has(room.id)}
        />
      ))}
    </ul>
  );
}

function NoRooms() {
  const { t } = useI18n();
  const { mayCreateRooms: canCreateRooms } = useProfile();
  return <p className={styles.empty}>{t(canCreateRooms ? "rooms.emptyCreate" : "rooms.empty")}</p>;
}
