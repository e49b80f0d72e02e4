import { useEffect, useState } from "react";
import { accountApi } from "../connection/account-api.ts";
import { setPasswordPrompt } from "../connection/confirmed-request.ts";

interface PasswordPrompt {
  /** @throws RequestFailed for a wrong password. */
  readonly confirm: (password: string) => Promise<void>;
  readonly cancel: () => void;
}

/** Returns what to answer while a request of this page waits for the password of the user. */
export function usePasswordPrompt(): PasswordPrompt | undefined {
  const [answer, setAnswer] = useState<(isConfirmed: boolean) => void>();
  useEffect(() => {
    setPasswordPrompt(
      () =>
        new Promise<boolean>((resolve) => {
          setAnswer(() => resolve);
        }),
    );
    return () => setPasswordPrompt(undefined);
  }, []);
  if (answer === undefined) return undefined;
  const finish = (isConfirmed: boolean): void => {
    setAnswer(undefined);
    answer(isConfirmed);
  };
  return {
    confirm: async (password) => {
      await accountApi.confirmPassword(password);
      finish(true);
    },
    cancel: () => finish(false),
  };
}
