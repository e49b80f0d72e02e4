import type { Message, RoomListEntry } from "@multichat/protocol";
import { type ReactNode, useState } from "react";
import { Button } from "../../../components/forms/button.tsx";
import { Field, Problem } from "../../../components/forms/field.tsx";
import formStyles from "../../../components/forms/form.module.css";
import { Dialog, DialogActions } from "../../../components/overlays/dialog.tsx";
import { Palette, type PaletteItem } from "../../../components/overlays/palette.tsx";
import { chat } from "../../../connection/chat.ts";
import { useMe, useProfile, useRoomByNumber, useRooms } from "../../../hooks/use-chat.ts";
import { useForm } from "../../../hooks/use-form.ts";
import { useI18n } from "../../../i18n/i18n.ts";
import { describeMessage } from "../../../markup/plain-text.ts";
import { formatRoomAddress } from "../../../navigation/columns.ts";
import { canReachPeople } from "../../../policies/room-policy.ts";
import { toUrl } from "../../../state/address.ts";
import { matchesQuery, sortByRelevance } from "../../../state/item-search.ts";
import { getRoomName } from "../../../state/room-name.ts";
import styles from "./forward-message.module.css";

interface ForwardMessageProps {
  readonly message: Message;
  /** The number of the message's room. */
  readonly from: number;
  /** Called with the name of the room that has the message now. */
  readonly onForwarded: (room: string) => void;
  readonly onClose: () => void;
}

/** Posts a link to the message in another room, where it is shown to those who can see its own room. */
export function ForwardMessage(props: ForwardMessageProps) {
  const [target, setTarget] = useState<RoomListEntry>();
  return target === undefined ? (
    <ChooseRoom {...props} onChoose={setTarget} />
  ) : (
    <AddComment {...props} target={target} />
  );
}

interface ChooseRoomProps extends ForwardMessageProps {
  readonly onChoose: (room: RoomListEntry) => void;
}

function ChooseRoom({ from, onChoose, onClose }: ChooseRoomProps) {
  const { t } = useI18n();
  const me = useMe();
  const { rooms } = useRooms();
  const [query, setQuery] = useState("");
  const items = rooms
    .filter((room) => room.number !== from && !room.archived && canReachPeople(me, room))
    .map(
      (room): PaletteItem => ({
        key: `room-${room.number}`,
        icon:
          room.kind === "direct" ? "bubble" : room.staffOnly ? "shield" : room.kind === "private" ? "lock" : "rooms",
        name: getRoomName(room, me.id),
        choose: () => onChoose(room),
      }),
    );
  return (
    <Palette
      title={t("forward.title")}
      label={t("forward.label")}
      query={query}
      onQueryChange={setQuery}
      items={sortByRelevance(
        items.filter((item) => matchesQuery(item, query)),
        query,
      )}
      isPending={false}
      emptyText={query === "" ? t("forward.empty") : t("switcher.noResults", { query })}
      hint={t("forward.hint")}
      onClose={onClose}
    />
  );
}

interface AddCommentProps extends ForwardMessageProps {
  readonly target: RoomListEntry;
}

function AddComment({ message, from, target, onForwarded, onClose }: AddCommentProps) {
  const { t } = useI18n();
  const { me, limits } = useProfile();
  const [comment, setComment] = useState("");
  const name = getRoomName(target, me.id);
  const link = toUrl(formatRoomAddress({ open: [from], active: from, seq: message.seq }));
  const form = useForm([], async () => {
    const text = comment.trim();
    chat.room(target.id).send(text === "" ? link : `${text}\n${link}`);
    onForwarded(name);
    onClose();
  });
  return (
    <Dialog title={t("forward.to", { room: name })} onClose={onClose}>
      <form className={formStyles.form} onSubmit={form.onSubmit}>
        <Problem>{form.problem}</Problem>
        <blockquote className={styles.message} dir="auto">
          {describeMessage(message)}
        </blockquote>
        <Audience from={from} />
        <Field
          label={t("forward.comment")}
          value={comment}
          maxChars={Math.max(0, Math.min(MAX_COMMENT_CHARS, limits.messageChars - link.length - 1))}
          autoFocus
          onChange={(event) => setComment(event.target.value)}
        />
        <DialogActions>
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button type="submit" variant="primary" icon="share" busy={form.busy}>
            {t("forward.action")}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

const MAX_COMMENT_CHARS = 500;

/** Says who will see only the link. */
function Audience({ from }: { readonly from: number }): ReactNode {
  const { t } = useI18n();
  const me = useMe();
  const room = useRoomByNumber(from);
  if (room === undefined || (room.kind === "open" && !room.staffOnly)) return null;
  return <p className={styles.note}>{t("forward.audience", { room: getRoomName(room, me.id) })}</p>;
}
