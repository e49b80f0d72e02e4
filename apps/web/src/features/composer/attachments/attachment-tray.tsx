import { UploadFailed } from "@multichat/client";
import { IconButton } from "../../../components/forms/button.tsx";
import { Icon } from "../../../components/indicators/icon.tsx";
import { chat } from "../../../connection/chat.ts";
import { useProfile } from "../../../hooks/use-chat.ts";
import { useDescribeFailure } from "../../../hooks/use-describe-failure.ts";
import { formatFileSize } from "../../../i18n/file-size.ts";
import { useI18n } from "../../../i18n/i18n.ts";
import { type Attachment, isRefused } from "../../../state/attachments/attachments.ts";
import { FileChanged } from "../../../state/attachments/upload-queue.ts";
import styles from "./attachment-tray.module.css";

interface AttachmentTrayProps {
  readonly attachments: readonly Attachment[];
  readonly onRetry: (key: string) => void;
  readonly onRemove: (key: string) => void;
}

/** The files of the next message, with the progress of their uploads. */
export function AttachmentTray({ attachments, onRetry, onRemove }: AttachmentTrayProps) {
  const { t } = useI18n();
  return (
    <ul className={styles.tray} aria-label={t("files.attached")}>
      {attachments.map((attachment) => (
        <AttachedFile
          key={attachment.key}
          attachment={attachment}
          onRetry={() => onRetry(attachment.key)}
          onRemove={() => onRemove(attachment.key)}
        />
      ))}
    </ul>
  );
}

interface AttachedFileProps {
  readonly attachment: Attachment;
  readonly onRetry: () => void;
  readonly onRemove: () => void;
}

function AttachedFile({ attachment, onRetry, onRemove }: AttachedFileProps) {
  const i18n = useI18n();
  const { t } = i18n;
  const describe = useDescribeProblem();
  const { name, bytes, state } = attachment;
  const image = state.kind === "uploaded" && state.file.width !== undefined ? state.file : undefined;
  return (
    <li className={styles.file} data-failed={state.kind === "failed" || undefined}>
      <span className={styles.picture}>
        {image === undefined ? (
          <Icon name={state.kind === "failed" ? "warning" : "file"} />
        ) : (
          <img src={chat.files.url(image)} alt="" decoding="async" />
        )}
      </span>
      <span className={styles.text}>
        <bdi className={styles.name} title={name}>
          {name}
        </bdi>
        {state.kind === "failed" ? (
          <span className={styles.problem} role="alert">
            {describe(state.error)}
          </span>
        ) : (
          <span className={styles.size}>{formatFileSize(bytes, i18n)}</span>
        )}
        {state.kind === "uploading" && (
          <progress
            className={styles.progress}
            aria-label={t("files.uploading", { name })}
            max={Math.max(1, bytes)}
            value={Math.min(state.sentBytes, bytes)}
          />
        )}
      </span>
      {state.kind === "failed" && !isRefused(attachment) && (
        <IconButton icon="retry" size="small" label={t("files.retry", { name })} onClick={onRetry} />
      )}
      <IconButton
        icon="close"
        size="small"
        label={t(state.kind === "uploading" ? "files.cancel" : "files.remove", { name })}
        onClick={onRemove}
      />
    </li>
  );
}

/** Says what is wrong with a file: how large one may be, in the units in which its own size is shown. */
function useDescribeProblem(): (error: unknown) => string {
  const i18n = useI18n();
  const describe = useDescribeFailure();
  const { limits } = useProfile();
  return (error) => {
    if (error instanceof FileChanged) return i18n.t("files.changed");
    const isTooLarge = error instanceof UploadFailed && error.code === "PAYLOAD_TOO_LARGE";
    return isTooLarge ? i18n.t("files.tooLarge", { size: formatFileSize(limits.fileBytes, i18n) }) : describe(error);
  };
}
