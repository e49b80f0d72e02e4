import type { Message } from "@multichat/protocol";
import { useCallback } from "react";
import { Problem } from "../../../components/forms/field.tsx";
import { SkeletonLines } from "../../../components/layout/skeleton.tsx";
import { Dialog } from "../../../components/overlays/dialog.tsx";
import { sendCommand } from "../../../connection/send-command.ts";
import { useDescribeFailure } from "../../../hooks/use-describe-failure.ts";
import { useLoaded } from "../../../hooks/use-loaded.ts";
import { useI18n } from "../../../i18n/i18n.ts";
import { MessageText } from "../../../markup/message-text.tsx";
import styles from "./message-history.module.css";

interface MessageHistoryProps {
  readonly message: Message;
  readonly onClose: () => void;
}

/** The current and the earlier versions of a message, newest first. */
export function MessageHistory({ message, onClose }: MessageHistoryProps) {
  const { t, dateTime } = useI18n();
  const describe = useDescribeFailure();
  const load = useCallback(
    async (signal: AbortSignal) =>
      (await sendCommand("message.history", { room: message.room, message: message.id }, { signal })).versions,
    [message.room, message.id],
  );
  const { state } = useLoaded(load);
  return (
    <Dialog title={t("message.history")} onClose={onClose}>
      {state.kind === "loading" && <SkeletonLines count={3} label={t("message.historyLoading")} />}
      {state.kind === "failed" && <Problem>{describe(state.error)}</Problem>}
      {state.kind === "loaded" && (
        <ol className={styles.versions}>
          {message.deletedAt === null && (
            <li className={styles.version}>
              <p className={styles.time}>{t("message.currentVersion")}</p>
              <MessageText text={message.body} mentions={message} actor={message.author?.username} />
            </li>
          )}
          {state.value.toReversed().map(({ body, at, by }) => (
            <li key={`${at} ${body.slice(0, 20)}`} className={styles.version}>
              <p className={styles.time}>
                {by !== null && <bdi>{by.username}, </bdi>}
                <time dateTime={new Date(at).toISOString()}>{dateTime(at)}</time>
              </p>
              <MessageText text={body} mentions={NO_MENTIONS} actor={message.author?.username} />
            </li>
          ))}
          {state.value.length === 0 && <li className={styles.time}>{t("message.historyEmpty")}</li>}
        </ol>
      )}
    </Dialog>
  );
}

/** The mentions of earlier versions are not stored. */
const NO_MENTIONS = { mentions: [], mentionNames: [], mentionsAll: false } as const;
