import type { Message } from "@multichat/protocol";
import { memo } from "react";
import { MessageText } from "../../markup/message-text.tsx";
import { Marks, Tombstone } from "./message-marks.tsx";
import styles from "./message-row.module.css";
import { NoticeRow } from "./notice-row.tsx";
import { Reactions } from "./reactions.tsx";
import { RowFrame } from "./row-frame.tsx";

interface MessageRowProps {
  readonly message: Message;
  readonly own: boolean;
  readonly head: boolean;
  /** The address points at this one. */
  readonly marked: boolean;
  /** Its menu is open. */
  readonly open: boolean;
  /** It is being edited in the composer. */
  readonly editing: boolean;
}

export const MessageRow = memo(function MessageRow({ message, own, head, marked, open, editing }: MessageRowProps) {
  if (message.kind !== "message") return <NoticeRow message={message} marked={marked} open={open} />;
  const gone = message.deletedAt !== null;
  return (
    <RowFrame
      id={message.author?.id ?? ""}
      name={message.author?.username ?? ""}
      at={message.createdAt}
      own={own}
      head={head}
      marked={marked}
      open={open}
      editing={editing}
      quoted={gone ? null : message.replyTo}
      message={message}
    >
      {gone ? (
        <Tombstone />
      ) : (
        <>
          <div className={styles.body}>
            <MessageText text={message.body} addressed={message} />
          </div>
          <Marks message={message} />
          {message.reactions.length > 0 && <Reactions message={message} />}
        </>
      )}
    </RowFrame>
  );
});
