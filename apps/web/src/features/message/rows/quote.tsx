import type { QuotedMessage } from "@multichat/protocol";
import { Icon } from "../../../components/indicators/icon.tsx";
import { VisuallyHidden } from "../../../components/indicators/visually-hidden.tsx";
import { useI18n } from "../../../i18n/i18n.ts";
import { excerptToPlainText } from "../../../markup/plain-text.ts";
import { formatRoomAddress } from "../../../navigation/columns.ts";
import { goToMessage } from "../../../navigation/room-navigation.ts";
import styles from "./quote.module.css";

interface QuoteProps {
  readonly quoted: QuotedMessage;
  /** The room's number. */
  readonly number: number;
}

/** Links to the message that this one replies to. */
export function Quote({ quoted: { author, excerpt, seq }, number }: QuoteProps) {
  const { t } = useI18n();
  const name = author?.username ?? t("message.noticeQuote");
  const text = excerpt === "" ? t("message.deletedQuote") : excerptToPlainText(excerpt);
  return (
    <a
      href={formatRoomAddress({ open: [number], active: number, seq })}
      className={styles.quote}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        goToMessage(number, seq);
      }}
    >
      <Icon name="reply" small />
      <VisuallyHidden>{t("message.inReplyTo")}</VisuallyHidden>
      <bdi className={styles.name}>{name}</bdi>
      <bdi className={styles.text}>{text}</bdi>
    </a>
  );
}
