import type { Author } from "@multichat/protocol";
import { memo } from "react";
import { useI18n } from "../../i18n/i18n.ts";
import styles from "./typing-line.module.css";

/** Shows who is typing. Not announced: it changes all the time, and the message is announced when it arrives. */
export const TypingLine = memo(function TypingLine({ typing }: { readonly typing: readonly Author[] }) {
  const { t } = useI18n();
  const [first, second] = typing;
  if (first === undefined) return <p className={styles.typing} />;
  const text =
    second === undefined
      ? t("typing.one", { name: first.username })
      : typing.length === 2
        ? t("typing.two", { name: first.username, other: second.username })
        : t("typing.many");
  return (
    <p className={styles.typing}>
      <span className={styles.dots} aria-hidden="true" />
      <bdi>{text}</bdi>
    </p>
  );
});
