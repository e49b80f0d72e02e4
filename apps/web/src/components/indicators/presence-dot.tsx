import type { PresenceStatus } from "@multichat/protocol";
import { useI18n } from "../../i18n/i18n.ts";
import styles from "./presence-dot.module.css";
import { VisuallyHidden } from "./visually-hidden.tsx";

interface PresenceDotProps {
  /** undefined as long as it is not known. */
  readonly status: PresenceStatus | undefined;
  /** A word beside it says the same. @default false */
  readonly decorative?: boolean;
}

/** How somebody is there. Each status has a shape of its own beside its colour. */
export function PresenceDot({ status = "offline", decorative }: PresenceDotProps) {
  const { t } = useI18n();
  return (
    <span className={styles.dot} data-status={status}>
      {!decorative && <VisuallyHidden>{t(`presence.${status}`)}</VisuallyHidden>}
    </span>
  );
}
