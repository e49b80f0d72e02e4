import type { RoomListEntry } from "@multichat/protocol";
import { useEffect, useSyncExternalStore } from "react";
import { Link } from "wouter";
import { chat } from "../../../connection/chat.ts";
import { sendCommand } from "../../../connection/send-command.ts";
import { useRoomByNumber, useRoomName } from "../../../hooks/use-chat.ts";
import { useI18n } from "../../../i18n/i18n.ts";
import { summarizeMessage } from "../../../markup/plain-text.ts";
import { formatRoomAddress } from "../../../navigation/columns.ts";
import type { MessageLink } from "./find-message-links.ts";
import styles from "./linked-message.module.css";
import { LinkedMessages } from "./linked-messages.ts";

/** Four lines show less. The rest is behind the link. */
const MAX_TEXT_CHARS = 600;

const linkedMessages = new LinkedMessages({
  async read(room, seq) {
    const { messages } = await sendCommand("history.page", { room, before: seq + 1, limit: 1 });
    return messages.find((message) => message.seq === seq) ?? null;
  },
});
chat.listen((event) => linkedMessages.receive(event));
let userId = chat.me.get()?.id;
chat.me.subscribe(() => {
  const id = chat.me.get()?.id;
  if (id !== userId) linkedMessages.clear();
  userId = id;
});

/** Shows the message that a link leads to, if the user can see its room. */
export function LinkedMessage({ link }: { readonly link: MessageLink }) {
  const room = useRoomByNumber(link.room);
  return room === undefined ? null : <VisibleMessage room={room} seq={link.seq} />;
}

function VisibleMessage({ room, seq }: { readonly room: RoomListEntry; readonly seq: number }) {
  const { t, dateTime } = useI18n();
  const name = useRoomName(room);
  const message = useSyncExternalStore(linkedMessages.subscribe, () => linkedMessages.get(room.id, seq));
  // biome-ignore lint/correctness/useExhaustiveDependencies: one that was forgotten is read again.
  useEffect(() => linkedMessages.load(room.id, seq), [room.id, seq, message]);
  if (message === null || message?.deletedAt != null) return null;
  return (
    <Link
      href={formatRoomAddress({ open: [room.number], active: room.number, seq })}
      className={styles.card}
      aria-busy={message === undefined || undefined}
    >
      <span className={styles.head}>
        <bdi className={styles.room}>{room.kind === "direct" ? name : `#${name}`}</bdi>
        {message !== undefined && (
          <>
            {message.author !== null && <bdi className={styles.author}>{message.author.username}</bdi>}
            <time className={styles.time} dateTime={new Date(message.createdAt).toISOString()}>
              {dateTime(message.createdAt)}
            </time>
          </>
        )}
      </span>
      <span className={styles.text} dir="auto">
        {message === undefined ? t("message.linkedLoading") : summarizeMessage(message).slice(0, MAX_TEXT_CHARS)}
      </span>
    </Link>
  );
}
