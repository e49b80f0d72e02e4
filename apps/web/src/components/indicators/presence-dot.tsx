import type { PresenceStatus } from "@multichat/protocol";
import { useI18n } from "../../i18n/i18n.ts";
import styles from "./presence-dot.module.css";
import { VisuallyHidden } from "./visually-hidden.tsx";

interface PresenceDotProps {
  /** undefined until it is known. */
  readonly status: PresenceStatus | undefined;
  /** Text beside it says the same, so screen readers skip it. @default false */
  readonly decorative?: boolean;
}

/** A user's presence. Each status has its own shape as well as its color. */
export function PresenceDot({ status = "offline", decorative }: PresenceDotProps) {
  const { t } = useI18n();
  return (
    <span className={styles.dot} data-status={status}>
      {!decorative && <VisuallyHidden>{t(`presence.${status}`)}</VisuallyHidden>}
    </span>
  );
}
