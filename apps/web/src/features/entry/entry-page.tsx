import type { ReactNode } from "react";
import { LogoMark } from "../../components/layout/logo.tsx";
import styles from "./entry-page.module.css";

interface EntryPageProps {
  readonly title: string;
  readonly lead?: string | undefined;
  readonly children?: ReactNode;
}

/** The frame of the pages before signing in: a card below the logo. */
export function EntryPage({ title, lead, children }: EntryPageProps) {
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <header className={styles.header}>
          <LogoMark large />
          <h1>{title}</h1>
          {lead !== undefined && <p>{lead}</p>}
        </header>
        {children}
      </div>
      <div className={styles.columns} aria-hidden="true">
        <i />
        <i />
        <i />
        <i />
      </div>
    </main>
  );
}
