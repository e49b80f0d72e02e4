import type { ReactNode } from "react";
import styles from "./empty-state.module.css";

interface EmptyStateProps {
  readonly illustration: ReactNode;
  readonly title: string;
  readonly lead: string;
  /** What can be done about it. */
  readonly children?: ReactNode;
  /** The page's own heading, where there is no other. @default 2 */
  readonly level?: 1 | 2 | 3;
}

/** A place with nothing in it, or one that may not be entered: what it is, and what to do. */
export function EmptyState({ illustration, title, lead, children, level = 2 }: EmptyStateProps) {
  const Heading = `h${level}` as const;
  return (
    <div className={styles.place}>
      <div className={styles.inside}>
        <div className={styles.art}>{illustration}</div>
        <Heading className={styles.title}>{title}</Heading>
        <p className={styles.lead}>{lead}</p>
        {children !== undefined && <div className={styles.actions}>{children}</div>}
      </div>
    </div>
  );
}
