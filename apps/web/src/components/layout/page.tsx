import type { ReactNode } from "react";
import { Link } from "wouter";
import { useI18n } from "../../i18n/i18n.ts";
import { useWideLayout } from "../../state/media.ts";
import { Icon } from "../indicators/icon.tsx";
import styles from "./page.module.css";

interface PageProps {
  readonly title: string;
  /** Buttons beside the title. */
  readonly actions?: ReactNode;
  /** Navigation below the title. */
  readonly tabs?: ReactNode;
  /** Whether a narrow page links to the rooms. @default true */
  readonly hasBackLink?: boolean;
  readonly children: ReactNode;
}

/** A page that is not a conversation. */
export function Page({ title, actions, tabs, hasBackLink = true, children }: PageProps) {
  const { t } = useI18n();
  const wide = useWideLayout();
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        {!wide && hasBackLink && (
          <Link href="/" className={styles.back} aria-label={t("action.toRooms")}>
            <Icon name="back" />
          </Link>
        )}
        <h1>{title}</h1>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      {tabs}
      <div className={styles.body}>{children}</div>
    </div>
  );
}

interface PanelProps {
  readonly title: string;
  readonly lead?: string | undefined;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** A titled section of a page. */
export function Panel({ title, lead, actions, children }: PanelProps) {
  return (
    <section className={styles.panel}>
      <div className={styles.summary}>
        <h2>{title}</h2>
        {lead !== undefined && <p>{lead}</p>}
        {actions}
      </div>
      <div className={styles.content}>{children}</div>
    </section>
  );
}
