import type { ButtonHTMLAttributes, Ref } from "react";
import { Icon, type IconName } from "../indicators/icon.tsx";
import styles from "./button.module.css";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `primary`: the one thing this screen is for. `quiet`: no edge until it is pointed at. @default "plain" */
  readonly variant?: "primary" | "plain" | "quiet" | "danger";
  readonly size?: "small" | "normal";
  readonly icon?: IconName;
  /** Under way: shown, and not pressed twice; it keeps the focus. */
  readonly busy?: boolean;
  readonly ref?: Ref<HTMLButtonElement>;
}

export function Button({ variant = "plain", size = "normal", icon, busy, children, onClick, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={styles.button}
      data-variant={variant}
      data-size={size}
      aria-busy={busy || undefined}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {icon !== undefined && <Icon name={icon} small={size === "small"} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonProps, "icon" | "children"> {
  readonly icon: IconName;
  /** What it does, in words: read aloud, and shown when pointed at. */
  readonly label: string;
}

export function IconButton({ icon, label, variant = "quiet", size = "normal", busy, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      title={label}
      {...rest}
      aria-label={label}
      aria-busy={busy || undefined}
      className={styles.button}
      data-variant={variant}
      data-size={size}
      data-square
    >
      <Icon name={icon} small={size === "small"} />
    </button>
  );
}
