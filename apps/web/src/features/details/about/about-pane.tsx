import type { RoomListEntry } from "@multichat/protocol";
import { useState } from "react";
import { Button } from "../../../components/forms/button.tsx";
import { Problem } from "../../../components/forms/field.tsx";
import { Tag } from "../../../components/indicators/tag.tsx";
import { Confirm } from "../../../components/overlays/confirm.tsx";
import { chat } from "../../../connection/chat.ts";
import { useAction } from "../../../hooks/use-action.ts";
import { useMe } from "../../../hooks/use-chat.ts";
import { useI18n } from "../../../i18n/i18n.ts";
import { useRoomNavigation } from "../../../navigation/room-navigation.ts";
import { mayChangeRoom, mayDeleteRoom, mayJoin, mayLeave } from "../../../policies/room-policy.ts";
import { otherIn } from "../../../state/room-name.ts";
import { setStarred, useStarred } from "../../../state/starred.ts";
import { DeleteRoom } from "../../rooms/delete-room.tsx";
import { EditRoom } from "../../rooms/edit-room.tsx";
import styles from "./about-pane.module.css";
import { PersonCard } from "./person-card.tsx";
import { RoomFacts } from "./room-facts.tsx";

/** What the room is, and what one may do with it. */
export function AboutPane({ room }: { readonly room: RoomListEntry }) {
  const me = useMe();
  const other = otherIn(room, me.id);
  return (
    <>
      {other === undefined ? <Topic room={room} /> : <PersonCard person={other} />}
      <RoomFacts room={room} />
      <Actions room={room} />
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

function Actions({ room }: { readonly room: RoomListEntry }) {
  const { t } = useI18n();
  const me = useMe();
  const starred = useStarred(me.id).has(room.id);
  const navigation = useRoomNavigation();
  const [open, setOpen] = useState<"edit" | "leave" | "delete">();
  // What is no more, or no more for this person, has no place on the screen.
  const gone = () => navigation.close(room.number);
  const join = useAction(() => chat.request("member.add", { room: room.id }));
  const close = () => setOpen(undefined);
  return (
    <div className={styles.actions}>
      <Problem>{join.problem}</Problem>
      {mayJoin(room) && (
        <Button look="primary" icon="plus" busy={join.busyWith !== undefined} onClick={() => join.run(room.id)}>
          {t("about.join")}
        </Button>
      )}
      <Button
        look="quiet"
        icon={starred ? "starred" : "star"}
        aria-pressed={starred}
        onClick={() => setStarred(me.id, room.id, !starred)}
      >
        {t("about.star")}
      </Button>
      {mayChangeRoom(me, room) && (
        <Button look="quiet" icon="pencil" onClick={() => setOpen("edit")}>
          {t("room.edit")}
        </Button>
      )}
      {mayLeave(room, Date.now()) && (
        <Button look="quiet" icon="leave" onClick={() => setOpen("leave")}>
          {t("about.leave")}
        </Button>
      )}
      {mayDeleteRoom(me, room) && (
        <Button look="danger" icon="trash" onClick={() => setOpen("delete")}>
          {t("admin.deleteRoomAction")}
        </Button>
      )}
      {open === "edit" && <EditRoom room={room} onClose={close} />}
      {open === "delete" && <DeleteRoom room={room} onClose={close} onDeleted={gone} />}
      {open === "leave" && <LeaveRoom room={room} onClose={close} onLeft={room.kind === "private" ? gone : close} />}
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
    <Confirm
      title={t("about.leaveTitle", { room: room.title })}
      text={t(room.kind === "private" ? "about.leavePrivate" : "about.leaveOpen")}
      action={t("about.leave")}
      icon="leave"
      danger={room.kind === "private"}
      run={async () => {
        await chat.request("member.remove", { room: room.id });
        onLeft();
      }}
      onClose={onClose}
    />
  );
}
