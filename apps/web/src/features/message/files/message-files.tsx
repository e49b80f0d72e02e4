import type { MessageFile } from "@multichat/protocol";
import { type CSSProperties, useState } from "react";
import { Icon } from "../../../components/indicators/icon.tsx";
import { chat } from "../../../connection/chat.ts";
import { formatFileSize } from "../../../i18n/file-size.ts";
import { useI18n } from "../../../i18n/i18n.ts";
import { lazyComponent } from "../../../i18n/lazy-component.ts";
import styles from "./message-files.module.css";

// Loaded on demand to keep the first load small.
const Lightbox = lazyComponent(() => import("./lightbox.tsx"), "Lightbox");

/** The largest picture in a message, in CSS pixels. */
const MAX_WIDTH = 380;
const MAX_HEIGHT = 300;

type Picture = MessageFile & { readonly width: number; readonly height: number };

/** The files of a message: pictures in the size that they will have, sound and video to be played, others to be downloaded. */
export function MessageFiles({ files }: { readonly files: readonly MessageFile[] }) {
  const { t } = useI18n();
  const [shown, setShown] = useState<number>();
  const pictures = files.filter(isPicture);
  const others = files.filter((file) => !isPicture(file));
  return (
    <div className={styles.files}>
      {pictures.length > 0 && (
        <div className={styles.pictures}>
          {pictures.map((picture, index) => (
            <PictureButton
              key={picture.id}
              picture={picture}
              label={t("files.open", { name: picture.name })}
              isOnly={pictures.length === 1}
              onOpen={() => setShown(index)}
            />
          ))}
        </div>
      )}
      {others.map((file) => (
        <OtherFile key={file.id} file={file} />
      ))}
      {shown !== undefined && (
        <Lightbox pictures={pictures} index={shown} onIndexChange={setShown} onClose={() => setShown(undefined)} />
      )}
    </div>
  );
}

function isPicture(file: MessageFile): file is Picture {
  return file.type.startsWith("image/") && file.width !== undefined && file.height !== undefined;
}

interface PictureButtonProps {
  readonly picture: Picture;
  readonly label: string;
  readonly isOnly: boolean;
  readonly onOpen: () => void;
}

function PictureButton({ picture, label, isOnly, onOpen }: PictureButtonProps) {
  const [isBroken, setIsBroken] = useState(false);
  const { name, width, height } = picture;
  if (isBroken) return <FileCard file={picture} />;
  const scale = Math.min(1, MAX_WIDTH / width, MAX_HEIGHT / height);
  const size: CSSProperties = isOnly ? { inlineSize: width * scale, aspectRatio: `${width} / ${height}` } : {};
  return (
    <button
      type="button"
      className={styles.picture}
      data-tile={!isOnly || undefined}
      style={size}
      aria-label={label}
      onClick={onOpen}
    >
      <img
        src={chat.files.url(picture)}
        alt={name}
        width={width}
        height={height}
        loading="lazy"
        decoding="async"
        onError={() => setIsBroken(true)}
      />
    </button>
  );
}

function OtherFile({ file }: { readonly file: MessageFile }) {
  const { t } = useI18n();
  const [isBroken, setIsBroken] = useState(false);
  if (isBroken) return <FileCard file={file} />;
  const player = {
    className: file.type.startsWith("video/") ? styles.video : styles.audio,
    src: chat.files.url(file),
    controls: true,
    "aria-label": file.name,
    onError: () => setIsBroken(true),
  };
  if (file.type.startsWith("video/")) {
    return <video {...player} preload="metadata" playsInline />;
  }
  if (file.type.startsWith("audio/")) {
    return (
      <figure className={styles.sound}>
        <figcaption className={styles.name} title={t("files.sound")}>
          {file.name}
        </figcaption>
        <audio {...player} preload="none" />
      </figure>
    );
  }
  return <FileCard file={file} />;
}

function FileCard({ file }: { readonly file: MessageFile }) {
  const i18n = useI18n();
  const { name, bytes } = file;
  return (
    <a className={styles.card} href={chat.files.url(file, { download: true })} download={name}>
      <Icon name="file" />
      <span className={styles.text}>
        <bdi className={styles.name}>{name}</bdi>
        <span className={styles.size}>{formatFileSize(bytes, i18n)}</span>
      </span>
      <Icon name="download" small label={i18n.t("files.download")} />
    </a>
  );
}
