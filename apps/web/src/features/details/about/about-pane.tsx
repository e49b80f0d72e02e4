import type { RoomPreferenceChange } from "@multichat/client";
import { ROOM_NOTIFY_LEVELS, type RoomListEntry } from "@multichat/protocol";
import { useState } from "react";
import { Button } from "../../../components/forms/button.tsx";
import { Problem, Select } from "../../../components/forms/field.tsx";
import { Tag } from "../../../components/indicators/tag.tsx";
import { ConfirmDialog } from "../../../components/overlays/confirm-dialog.tsx";
import { chat } from "../../../connection/chat.ts";
import { sendCommand } from "../../../connection/send-command.ts";
import { useAction } from "../../../hooks/use-action.ts";
import { useMe } from "../../../hooks/use-chat.ts";
import { useI18n } from "../../../i18n/i18n.ts";
import { useRoomNavigation } from "../../../navigation/room-navigation.ts";
import { canChangeRoom, canDeleteRoom, canJoin, canLeave } from "../../../policies/room-policy.ts";
import { findOtherPerson } from "../../../state/room-name.ts";
import { useRoomPreferences } from "../../../state/room-preferences.ts";
import { PersonCard } from "../../profile/person-card.tsx";
import { DeleteRoom } from "../../rooms/delete-room.tsx";
import { EditRoom } from "../../rooms/edit-room.tsx";
import styles from "./about-pane.module.css";
import { RoomFacts } from "./room-facts.tsx";

/** Describes the room, and offers what the user may do with it. */
export function AboutPane({ room }: { readonly room: RoomListEntry }) {
  const me = useMe();
  const otherPerson = findOtherPerson(room, me.id);
  return (
    <>
      {otherPerson === undefined ? <Topic room={room} /> : <PersonCard person={otherPerson} />}
      <RoomFacts room={room} />
      <RoomActions room={room} />
    </>
  );
}

function Topic({ room }: { readonly room: RoomListEntry }) {
  const { t } = useI18n();
  return (
    <div className={styles.topic}>
      <p className={styles.text} data-none={room.topic === "" || undefined}>
        {room.topic === "" ? t("about.noTopic") : <bdi>{room.topic}</bdi>}
      </p>
      <div className={styles.tags}>
        {room.kind === "private" && <Tag icon="lock">{t("room.private")}</Tag>}
        {room.staffOnly && <Tag icon="shield">{t("room.staffOnly")}</Tag>}
        {room.archived && <Tag icon="archive">{t("room.archived")}</Tag>}
      </div>
    </div>
  );
}

function RoomActions({ room }: { readonly room: RoomListEntry }) {
  const { t } = useI18n();
  const me = useMe();
  const { starred = false, notify = "default" } = useRoomPreferences().get(room.id) ?? {};
  const prefer = useAction((change: RoomPreferenceChange) => chat.preferences.set(room.id, change));
  const navigation = useRoomNavigation();
  const [dialog, setDialog] = useState<"edit" | "leave" | "delete">();
  // A room that the user can no longer see leaves the screen.
  const closeRoom = () => navigation.close(room.number);
  const join = useAction(() => sendCommand("member.add", { room: room.id }));
  const close = () => setDialog(undefined);
  return (
    <div className={styles.actions}>
      <Problem>{join.problem ?? prefer.problem}</Problem>
      {canJoin(room) && (
        <Button variant="primary" icon="plus" busy={join.pending.length > 0} onClick={() => join.run(room.id)}>
          {t("about.join")}
        </Button>
      )}
      <Button
        variant="quiet"
        icon={starred ? "starred" : "star"}
        aria-pressed={starred}
        onClick={() => prefer.run({ starred: !starred })}
      >
        {t("about.star")}
      </Button>
      <Select
        label={t("about.notify")}
        options={ROOM_NOTIFY_LEVELS.map((value) => ({ value, label: t(`about.notify.${value}`) }))}
        value={notify}
        onChoose={(value) => prefer.run({ notify: value })}
      />
      {canChangeRoom(me, room) && (
        <Button variant="quiet" icon="pencil" onClick={() => setDialog("edit")}>
          {t("room.edit")}
        </Button>
      )}
      {canLeave(room, Date.now()) && (
        <Button variant="quiet" icon="leave" onClick={() => setDialog("leave")}>
          {t("about.leave")}
        </Button>
      )}
      {canDeleteRoom(me, room) && (
        <Button variant="danger" icon="trash" onClick={() => setDialog("delete")}>
          {t("deleteRoom.action")}
        </Button>
      )}
      {dialog === "edit" && <EditRoom room={room} onClose={close} />}
      {dialog === "delete" && <DeleteRoom room={room} onClose={close} onDeleted={closeRoom} />}
      {dialog === "leave" && (
        <LeaveRoom room={room} onClose={close} onLeft={room.kind === "private" ? closeRoom : close} />
      )}
    </div>
  );
}

interface LeaveRoomProps {
  readonly room: RoomListEntry;
  readonly onClose: () => void;
  readonly onLeft: () => void;
}

function LeaveRoom({ room, onClose, onLeft }: LeaveRoomProps) {
  const { t } = useI18n();
  return (
    <ConfirmDialog
      title={t("about.leaveTitle", { room: room.title })}
      text={t(room.kind === "private" ? "about.leavePrivate" : "about.leaveOpen")}
      action={t("about.leave")}
      icon="leave"
      danger={room.kind === "private"}
      run={async () => {
        await sendCommand("member.remove", { room: room.id });
        onLeft();
      }}
      onClose={onClose}
    />
  );
}
