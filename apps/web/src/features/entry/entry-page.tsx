import type { ReactNode } from "react";
import { LogoMark } from "../../components/layout/logo.tsx";
import styles from "./entry-page.module.css";

interface EntryPageProps {
  readonly title: string;
  readonly lead?: string | undefined;
  readonly children?: ReactNode;
}

/** The pages in front of the chat: one card, the mark above it. */
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
