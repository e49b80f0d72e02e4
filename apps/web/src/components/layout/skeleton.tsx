import { VisuallyHidden } from "../indicators/visually-hidden.tsx";
import styles from "./skeleton.module.css";

interface SkeletonProps {
  readonly count: number;
  /** What is being loaded, for screen readers. */
  readonly label: string;
}

/** Placeholder lines while a list loads. */
export function SkeletonLines({ count, label }: SkeletonProps) {
  return (
    <div className={styles.lines} role="status">
      <VisuallyHidden>{label}</VisuallyHidden>
      {Array.from({ length: count }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are identical and never move.
        <span key={i} className={styles.line} />
      ))}
    </div>
  );
}

/** Placeholder messages while a conversation loads. */
export function SkeletonMessages({ label }: { readonly label: string }) {
  return (
    <div className={styles.messages} role="status">
      <VisuallyHidden>{label}</VisuallyHidden>
      {[1, 2, 3, 4].map((i) => (
        <div key={i} className={styles.message}>
          <span className={styles.tile} />
          <span className={styles.line} />
          <span className={styles.line} />
        </div>
      ))}
    </div>
  );
}
