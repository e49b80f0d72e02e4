/**
 * The path that the chat is served under, without a slash at the end; empty at the root of the host. The server writes it into
 * the page, so that one build serves everywhere.
 */
export const BASE_PATH: string =
  typeof document === "undefined"
    ? ""
    : (document.querySelector<HTMLMetaElement>('meta[name="base-path"]')?.content ?? "");
