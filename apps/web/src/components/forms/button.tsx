import type { ButtonHTMLAttributes, Ref } from "react";
import { Icon, type IconName } from "../indicators/icon.tsx";
import styles from "./button.module.css";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `primary`: the main action of the page. `quiet`: no border until hovered. @default "plain" */
  readonly variant?: "primary" | "plain" | "quiet" | "danger";
  readonly size?: "small" | "normal";
  readonly icon?: IconName;
  /** Shows progress and ignores clicks; the button keeps the focus. */
  readonly busy?: boolean;
  readonly buttonRef?: Ref<HTMLButtonElement>;
}

export function Button({
  variant = "plain",
  size = "normal",
  icon,
  busy,
  children,
  onClick,
  buttonRef,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      ref={buttonRef}
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
  /** The action in words, for screen readers and as a tooltip. */
  readonly label: string;
}

export function IconButton({
  icon,
  label,
  variant = "quiet",
  size = "normal",
  busy,
  buttonRef,
  ...rest
}: IconButtonProps) {
  return (
    <button
      type="button"
      title={label}
      {...rest}
      ref={buttonRef}
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
