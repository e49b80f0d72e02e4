import type { ReactNode } from "react";
import { useI18n } from "../../stores/i18n/i18n.ts";
import { useWide } from "../../stores/media.ts";
import { ConnectionBanner } from "./connection-banner.tsx";
import { Overlays } from "./overlays.tsx";
import { RoomsPane } from "./rooms-pane.tsx";
import styles from "./shell.module.css";

interface ShellProps {
  /** What stands beside the rooms; on a phone instead of them. Nothing there: the rooms alone. */
  readonly children: ReactNode;
  /** On a phone: the rooms are what is to be seen. */
  readonly roomsFirst?: boolean;
}

/** The frame of everything behind the sign-in: the rooms at the side, one place beside them. */
export function Shell({ children, roomsFirst }: ShellProps) {
  const { t } = useI18n();
  const wide = useWide();
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        {t("shell.skip")}
      </a>
      {wide && <RoomsPane />}
      <main className={styles.main} id="main" tabIndex={-1}>
        {wide || !roomsFirst ? children : <RoomsPane alone />}
      </main>
      <ConnectionBanner />
      <Overlays />
    </div>
  );
}
