import type { MessageFile } from "@multichat/protocol";
import { type KeyboardEvent, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { IconButton } from "../../../components/forms/button.tsx";
import { Icon } from "../../../components/indicators/icon.tsx";
import { useModal } from "../../../components/overlays/use-modal.ts";
import { chat } from "../../../connection/chat.ts";
import { useI18n } from "../../../i18n/i18n.ts";
import styles from "./lightbox.module.css";

interface LightboxProps {
  readonly pictures: readonly MessageFile[];
  readonly index: number;
  readonly onIndexChange: (index: number) => void;
  readonly onClose: () => void;
}

const ZOOM_STEP = 1.5;
const MAX_ZOOM = 8;
const SCROLL_PX = 80;

/** Shows the pictures of a message large, one at a time: arrow keys change it, + and - zoom, 0 fits it again, Escape closes. */
export function Lightbox({ pictures, index, onIndexChange, onClose }: LightboxProps) {
  const { t } = useI18n();
  const dialog = useRef<HTMLDialogElement>(null);
  const tools = useRef<HTMLDivElement>(null);
  const image = useRef<HTMLImageElement>(null);
  const [zoom, setZoom] = useState(1);
  /** The width at which the picture fits, in CSS pixels. */
  const [fittingWidth, setFittingWidth] = useState(0);
  useModal(dialog, tools);
  const picture = pictures[index];
  if (picture === undefined) return null;

  function show(next: number): void {
    setZoom(1);
    onIndexChange((next + pictures.length) % pictures.length);
  }

  function zoomBy(factor: number): void {
    if (zoom === 1) setFittingWidth(image.current?.clientWidth ?? 0);
    setZoom(Math.min(MAX_ZOOM, Math.max(1, zoom * factor)));
  }

  function onKeyDown({ key, ctrlKey, metaKey, altKey, currentTarget }: KeyboardEvent<HTMLDialogElement>): void {
    if (ctrlKey || metaKey || altKey) return;
    // Zoomed in, the arrow keys move the picture.
    if ((key === "ArrowRight" || key === "ArrowLeft") && zoom === 1) {
      const isRtl = document.documentElement.dir === "rtl";
      show(index + ((key === "ArrowRight") !== isRtl ? 1 : -1));
    } else if (key === "+" || key === "=") zoomBy(ZOOM_STEP);
    else if (key === "-") zoomBy(1 / ZOOM_STEP);
    else if (key === "0") setZoom(1);
    else if (key.startsWith("Arrow")) {
      const left = key === "ArrowRight" ? SCROLL_PX : key === "ArrowLeft" ? -SCROLL_PX : 0;
      const top = key === "ArrowDown" ? SCROLL_PX : key === "ArrowUp" ? -SCROLL_PX : 0;
      currentTarget.querySelector("[data-scroll]")?.scrollBy({ left, top });
    }
  }

  return createPortal(
    <dialog
      ref={dialog}
      className={styles.lightbox}
      aria-label={picture.name}
      onKeyDown={onKeyDown}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <div className={styles.head}>
        <bdi className={styles.name}>{picture.name}</bdi>
        {pictures.length > 1 && (
          <span role="status">{t("files.position", { index: index + 1, count: pictures.length })}</span>
        )}
        <div ref={tools} className={styles.tools}>
          <IconButton
            icon="plus"
            label={t("files.zoomIn")}
            aria-disabled={zoom >= MAX_ZOOM}
            onClick={() => zoomBy(ZOOM_STEP)}
          />
          <IconButton
            icon="minus"
            label={t("files.zoomOut")}
            aria-disabled={zoom === 1}
            onClick={() => zoomBy(1 / ZOOM_STEP)}
          />
          <a
            className={styles.download}
            href={chat.files.url(picture, { download: true })}
            download={picture.name}
            title={t("files.download")}
          >
            <Icon name="download" label={t("files.download")} />
          </a>
          <IconButton icon="close" label={t("action.close")} onClick={onClose} />
        </div>
      </div>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it. */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a press beside the picture closes, as the button does. */}
      <div
        className={styles.stage}
        data-scroll
        tabIndex={zoom > 1 ? 0 : undefined}
        data-zoomed={zoom > 1 || undefined}
        onClick={(event) => {
          if (event.target === event.currentTarget) onClose();
        }}
      >
        <img
          key={picture.id}
          src={chat.files.url(picture)}
          alt={picture.name}
          ref={image}
          style={zoom === 1 ? {} : { inlineSize: zoom * fittingWidth, maxInlineSize: "none", maxBlockSize: "none" }}
        />
      </div>
      {pictures.length > 1 && (
        <div className={styles.steps}>
          <IconButton icon="back" label={t("files.previous")} onClick={() => show(index - 1)} />
          <IconButton icon="forward" label={t("files.next")} onClick={() => show(index + 1)} />
        </div>
      )}
    </dialog>,
    document.body,
  );
}
