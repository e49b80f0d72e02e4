import type { ReactNode } from "react";
import { Icon, type IconName } from "./icon.tsx";
import styles from "./tag.module.css";

interface TagProps {
  readonly icon?: IconName;
  readonly variant?: "plain" | "accent" | "danger";
  readonly children: ReactNode;
}

/** A short label that names a state. */
export function Tag({ icon, variant = "plain", children }: TagProps) {
  return (
    <span className={styles.tag} data-variant={variant}>
      {icon !== undefined && <Icon name={icon} small />}
      {children}
    </span>
  );
}
