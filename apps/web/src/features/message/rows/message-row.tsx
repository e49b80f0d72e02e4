import type { Message } from "@multichat/protocol";
import { memo, useMemo } from "react";
import { lazyComponent } from "../../../i18n/lazy-component.ts";
import { MessageText, type SetTask } from "../../../markup/message-text.tsx";
import { getMessagePermissions } from "../../../policies/message-policy.ts";
import { useConversation } from "../conversation-context.ts";
import { MessageFiles } from "../files/message-files.tsx";
import { findMessageLinks } from "../linked/find-message-links.ts";
import { Reactions } from "../reactions/reactions.tsx";
import { MessageMarks, Tombstone } from "./message-marks.tsx";
import styles from "./message-row.module.css";
import { NoticeRow } from "./notice-row.tsx";
import { RowFrame } from "./row-frame.tsx";

// Loaded on demand to keep the first load small: few messages have such links.
const LinkedMessage = lazyComponent(() => import("../linked/linked-message.tsx"), "LinkedMessage");

interface MessageRowProps {
  readonly message: Message;
  readonly isOwn: boolean;
  readonly startsGroup: boolean;
  /** The address names this message. */
  readonly highlighted: boolean;
  /** Its menu is open. */
  readonly open: boolean;
  /** It is being edited in the composer. */
  readonly editing: boolean;
}

export const MessageRow = memo(function MessageRow({
  message,
  isOwn,
  startsGroup,
  highlighted,
  open,
  editing,
}: MessageRowProps) {
  const setTask = useSetTask(message);
  if (message.kind !== "message") return <NoticeRow message={message} highlighted={highlighted} open={open} />;
  const deleted = message.deletedAt !== null;
  return (
    <RowFrame
      id={message.author?.id ?? ""}
      name={message.author?.username ?? ""}
      at={message.createdAt}
      isOwn={isOwn}
      startsGroup={startsGroup}
      highlighted={highlighted}
      open={open}
      editing={editing}
      quoted={deleted ? null : message.replyTo}
      message={message}
    >
      {deleted ? (
        <Tombstone />
      ) : (
        <>
          <div className={styles.body}>
            {message.body !== "" && (
              <MessageText text={message.body} mentions={message} setTask={setTask} actor={message.author?.username} />
            )}
            {message.files !== undefined && <MessageFiles files={message.files} />}
            {findMessageLinks(message.body).map((link) => (
              <LinkedMessage key={`${link.room}/${link.seq}`} link={link} />
            ))}
          </div>
          <MessageMarks message={message} />
          {message.reactions.length > 0 && <Reactions message={message} />}
        </>
      )}
    </RowFrame>
  );
});

/** Returns how the user ticks a task of the message; undefined if the user may not. */
function useSetTask(message: Message): SetTask | undefined {
  const { roomPermissions, setTask } = useConversation();
  const canEdit = getMessagePermissions(message, roomPermissions).canEdit;
  return useMemo(
    () => (canEdit ? (position, options) => setTask(message, position, options) : undefined),
    [canEdit, message, setTask],
  );
}
