import { useI18n } from "../../i18n/i18n.ts";
import styles from "./composer.module.css";

/** Stands for the name in the text; no name contains it. */
const NAME = "\uFFFC";

/**
 * What an empty field is for; its label says it to screen readers. In a placeholder of the field itself, a long name that is
 * written in the other direction than the page would lose its beginning.
 */
export function Placeholder({ room }: { readonly room: string }) {
  const { t } = useI18n();
  const [before, after] = t("composer.placeholder", { room: NAME }).split(NAME);
  return (
    <span className={styles.placeholder} aria-hidden="true">
      {before}
      <bdi>{room}</bdi>
      {after}
    </span>
  );
}
