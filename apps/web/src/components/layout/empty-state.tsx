import type { ReactNode } from "react";
import styles from "./empty-state.module.css";

interface EmptyStateProps {
  readonly illustration: ReactNode;
  readonly title: string;
  readonly lead: string;
  /** The actions that lead on from here. */
  readonly children?: ReactNode;
  /** The heading's level; 1 if the page has no other heading. @default 2 */
  readonly level?: 1 | 2 | 3;
}

/** Explains why a page or a list is empty or unavailable, and what to do. */
export function EmptyState({ illustration, title, lead, children, level = 2 }: EmptyStateProps) {
  const Heading = `h${level}` as const;
  return (
    <div className={styles.container}>
      <div className={styles.content}>
        <div className={styles.illustration}>{illustration}</div>
        <Heading className={styles.title}>{title}</Heading>
        <p className={styles.description}>{lead}</p>
        {children !== undefined && <div className={styles.actions}>{children}</div>}
      </div>
    </div>
  );
}
