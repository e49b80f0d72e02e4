import type { Limits } from "@multichat/protocol";
import { useI18n } from "../../i18n/i18n.ts";
import { Field } from "./field.tsx";
import { NewPasswordField } from "./new-password-field.tsx";

export interface AccountInput {
  readonly username: string;
  readonly email: string;
  readonly password: string;
}

export const EMPTY_ACCOUNT: AccountInput = { username: "", email: "", password: "" };

interface AccountFieldsProps {
  readonly account: AccountInput;
  readonly onChange: (account: AccountInput) => void;
  readonly problemOf: (path: keyof AccountInput) => string | undefined;
  readonly limits: Pick<Limits, "usernameChars" | "passwordMinChars" | "passwordMaxChars">;
  readonly passwordHint: string;
  /** Whether users create their own account, so that the browser offers their name and email address. */
  readonly isOwn?: boolean;
}

/** The fields of a new account. */
export function AccountFields(props: AccountFieldsProps) {
  const { account, onChange, problemOf, limits, passwordHint, isOwn = false } = props;
  const { t } = useI18n();
  const { username, email, password } = account;
  return (
    <>
      <Field
        label={t("field.username")}
        hint={t("field.usernameHint")}
        problem={problemOf("username")}
        autoComplete={isOwn ? "username" : "off"}
        autoCapitalize="none"
        spellCheck="false"
        autoFocus
        required
        maxChars={limits.usernameChars}
        value={username}
        onChange={(event) => onChange({ ...account, username: event.target.value })}
      />
      <Field
        label={t("field.emailOptional")}
        problem={problemOf("email")}
        type="email"
        autoComplete={isOwn ? "email" : "off"}
        value={email}
        onChange={(event) => onChange({ ...account, email: event.target.value })}
      />
      <NewPasswordField
        label={t("field.password")}
        hint={passwordHint}
        problem={problemOf("password")}
        required
        username={username}
        email={email}
        minChars={limits.passwordMinChars}
        maxChars={limits.passwordMaxChars}
        value={password}
        onType={(typed) => onChange({ ...account, password: typed })}
      />
    </>
  );
}
