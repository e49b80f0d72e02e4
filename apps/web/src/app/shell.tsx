import { type ReactNode, useEffect, useRef } from "react";
import { useLocation } from "wouter";
import { Sidebar } from "../features/sidebar/sidebar.tsx";
import { useI18n } from "../i18n/i18n.ts";
import { useWideLayout } from "../state/media.ts";
import { ConnectionBanner } from "./connection-banner.tsx";
import { Overlays } from "./overlays.tsx";
import styles from "./shell.module.css";

interface ShellProps {
  /** What stands beside the rooms; on a phone instead of them, but at the front door. */
  readonly children: ReactNode;
}

/** The frame of everything behind the sign-in: the rooms at the side, one place beside them. */
export function Shell({ children }: ShellProps) {
  const { t } = useI18n();
  const wide = useWideLayout();
  const [path] = useLocation();
  const main = useRef<HTMLElement>(null);

  // What had the focus may be gone with the place that one left; the keys go on from the new one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of the address is looked at.
  useEffect(() => {
    if (document.activeElement === document.body) main.current?.focus({ preventScroll: true });
  }, [path]);

  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#main">
        {t("shell.skip")}
      </a>
      {wide && <Sidebar />}
      <main ref={main} className={styles.main} id="main" tabIndex={-1}>
        {wide || path !== "/" ? children : <Sidebar alone />}
      </main>
      <ConnectionBanner />
      <Overlays />
    </div>
  );
}
