import type { InputHTMLAttributes } from "react";
import { usePasswordStrength } from "../../hooks/use-password-strength.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { Field } from "./field.tsx";
import styles from "./new-password-field.module.css";

interface NewPasswordFieldProps extends Pick<InputHTMLAttributes<HTMLInputElement>, "required"> {
  readonly label: string;
  readonly hint: string;
  readonly problem: string | undefined;
  readonly value: string;
  readonly onType: (value: string) => void;
  /** Whose password it is; it must differ from the username and the email address. */
  readonly username: string;
  readonly email?: string | null;
  readonly minChars: number;
  readonly maxChars: number;
}

/** A field for a new password, with a meter that says while it is typed whether the server accepts it, and why not. */
export function NewPasswordField(props: NewPasswordFieldProps) {
  const { label, hint, problem, value, onType, required, username, email = null, minChars, maxChars } = props;
  const { t } = useI18n();
  const strength = usePasswordStrength(value, { username, email, minChars });
  const name = strength === undefined ? "" : t(`password.level${strength.level}`);
  // The refusal gives the reason itself.
  const weakness = problem === undefined ? strength?.weakness : undefined;
  const reason = weakness === undefined ? undefined : t(`password.${weakness}`);
  return (
    <div className={styles.field}>
      <Field
        label={label}
        hint={hint}
        problem={problem}
        type="password"
        autoComplete="new-password"
        required={required}
        minLength={minChars}
        maxLength={maxChars}
        value={value}
        onChange={(event) => onType(event.target.value)}
      />
      {strength !== undefined && (
        // biome-ignore lint/a11y/useSemanticElements: browsers draw the parts of a meter element in ways of their own.
        <div
          className={styles.meter}
          role="meter"
          aria-label={t("password.strength")}
          aria-valuemin={0}
          aria-valuemax={3}
          aria-valuenow={strength.level}
          aria-valuetext={name}
          data-level={strength.level}
        >
          <span />
          <span />
          <span />
        </div>
      )}
      {/* Present from the start, since screen readers announce only changes of an existing status. */}
      <p className={styles.text} role="status" data-level={strength?.level}>
        {strength !== undefined && (reason === undefined ? name : t("password.because", { level: name, reason }))}
      </p>
    </div>
  );
}
