import { type ReactNode, useEffect, useRef } from "react";
import { useLocation } from "wouter";
import { Sidebar } from "../features/sidebar/sidebar.tsx";
import { useI18n } from "../i18n/i18n.ts";
import { useWideLayout } from "../state/media.ts";
import { ConnectionBanner } from "./connection-banner.tsx";
import { Overlays } from "./overlays.tsx";
import styles from "./shell.module.css";

interface ShellProps {
  /** Shown beside the sidebar; on a phone in its place, except at `/`. */
  readonly children: ReactNode;
}

/** The frame of every page behind the sign-in: the sidebar and one page beside it. */
export function Shell({ children }: ShellProps) {
  const { t } = useI18n();
  const wide = useWideLayout();
  const [path] = useLocation();
  const main = useRef<HTMLElement>(null);

  // The focused element may be gone with the page that was left; without this the focus would be lost.
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs on every change of the address.
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
        {wide || path !== "/" ? children : <Sidebar fullPage />}
      </main>
      <ConnectionBanner />
      <Overlays />
    </div>
  );
}
