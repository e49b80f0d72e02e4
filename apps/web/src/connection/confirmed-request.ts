import { RequestFailed, request } from "./http.ts";

let askForPassword: (() => Promise<boolean>) | undefined;

/** Sets the prompt for the password that the server can require for a request. After it, the request is sent again. */
export function setPasswordPrompt(ask: (() => Promise<boolean>) | undefined): void {
  askForPassword = ask;
}

/** Sends a request that may need the password of the user again. @throws RequestFailed as `request`. */
export async function confirmedRequest<T>(...args: Parameters<typeof request>): Promise<T> {
  try {
    return await request<T>(...args);
  } catch (error) {
    const isRequired = error instanceof RequestFailed && error.code === "CONFIRMATION_REQUIRED";
    if (!isRequired || !(await askForPassword?.())) throw error;
    return request<T>(...args);
  }
}
