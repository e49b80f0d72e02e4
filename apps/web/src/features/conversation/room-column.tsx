import type { RoomListEntry } from "@multichat/protocol";
import { SkeletonMessages } from "../../components/layout/skeleton.tsx";
import { useMe, useOpenRoom, useRoomByNumber, useRoomName, useRooms } from "../../hooks/use-chat.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { lazyComponent } from "../../i18n/lazy-component.ts";
import type { RoomNavigation } from "../../navigation/room-navigation.ts";
import { getRoomName } from "../../state/room-name.ts";
import { useTitle } from "../../state/unread/page-title.ts";
import { Conversation } from "./conversation.tsx";
import styles from "./room-column.module.css";

const RoomUnavailable = lazyComponent(() => import("./room-unavailable.tsx"), "RoomUnavailable", RoomLoading);

interface RoomColumnProps {
  readonly number: number;
  readonly active: boolean;
  /** The only column: it has no border and cannot be closed. */
  readonly onlyColumn: boolean;
  readonly navigation: RoomNavigation;
}

/** One of the rooms side by side, or the reason why it cannot be shown. */
export function RoomColumn({ number, active, onlyColumn, navigation }: RoomColumnProps) {
  const { t } = useI18n();
  const { status } = useRooms();
  const me = useMe();
  const room = useRoomByNumber(number);
  return (
    <section
      className={styles.column}
      data-room={number}
      data-active={(active && !onlyColumn) || undefined}
      aria-label={room === undefined ? t("room.byNumber", { room: String(number) }) : getRoomName(room, me.id)}
      onFocusCapture={(event) => {
        // The focus moved here by keyboard. Focus that a closing dialog restores has no related target and activates nothing.
        if (event.relatedTarget !== null) navigation.activate(number);
      }}
      onPointerDownCapture={() => navigation.activate(number)}
    >
      {room !== undefined ? (
        <ListedRoom entry={room} active={active} onlyColumn={onlyColumn} navigation={navigation} />
      ) : status === "live" ? (
        <RoomUnavailable number={number} active={active} onlyColumn={onlyColumn} navigation={navigation} error={null} />
      ) : (
        <RoomLoading />
      )}
    </section>
  );
}

function RoomLoading() {
  const { t } = useI18n();
  return <SkeletonMessages label={t("room.loading")} />;
}

interface ListedRoomProps {
  readonly entry: RoomListEntry;
  readonly active: boolean;
  readonly onlyColumn: boolean;
  readonly navigation: RoomNavigation;
}

function ListedRoom({ entry, active, onlyColumn, navigation }: ListedRoomProps) {
  const snapshot = useOpenRoom(entry.id);
  useTitle(useRoomName(entry), { off: !active });

  if (snapshot.status === "gone") {
    return (
      <RoomUnavailable
        number={entry.number}
        active={active}
        onlyColumn={onlyColumn}
        navigation={navigation}
        error={snapshot.error}
      />
    );
  }
  return (
    <Conversation
      room={entry}
      snapshot={snapshot}
      active={active}
      onlyColumn={onlyColumn}
      targetSeq={active ? navigation.columns?.seq : undefined}
      onClose={navigation.close}
    />
  );
}
