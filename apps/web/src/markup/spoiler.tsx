import { type ReactNode, useState } from "react";
import { useI18n } from "../i18n/i18n.ts";
import styles from "./spoiler.module.css";

/** A text that is hidden, also from screen readers, until it is clicked or Enter or the space bar is pressed on it. */
export function Spoiler({ children }: { readonly children: ReactNode }) {
  const { t } = useI18n();
  const [isShown, setShown] = useState(false);
  const show = (): void => setShown(true);
  // The same element before and after, so that it keeps the focus.
  return (
    <span
      className={styles.spoiler}
      data-shown={isShown || undefined}
      tabIndex={isShown ? -1 : 0}
      {...(!isShown && {
        role: "button",
        "aria-label": t("message.showSpoiler"),
        title: t("message.showSpoiler"),
        onClick: show,
        onKeyDown: (event: React.KeyboardEvent) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          show();
        },
      })}
    >
      <span>{children}</span>
    </span>
  );
}
