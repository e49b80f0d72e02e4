import styles from "./logo.module.css";

/** The product's mark: three columns in a speech bubble, forming the M of Multichat. */
export function LogoMark({ large }: { readonly large?: boolean }) {
  return (
    <svg className={styles.mark} data-large={large || undefined} viewBox="0 0 32 32" aria-hidden="true">
      <path
        className={styles.bubble}
        d="M8 2h16a6 6 0 0 1 6 6v11a6 6 0 0 1-6 6H13.5l-5.2 4.6A.8.8 0 0 1 7 29v-4.1A6 6 0 0 1 2 19V8a6 6 0 0 1 6-6Z"
      />
      <g className={styles.bars}>
        <rect x="7.5" y="7.5" width="4" height="12" rx="2" />
        <rect x="14" y="11.5" width="4" height="8" rx="2" />
        <rect x="20.5" y="7.5" width="4" height="12" rx="2" />
      </g>
    </svg>
  );
}

export function Logo() {
  return (
    <span className={styles.logo}>
      <LogoMark />
      <span className={styles.word}>Multichat</span>
    </span>
  );
}
