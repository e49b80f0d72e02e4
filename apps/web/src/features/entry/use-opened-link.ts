import { useEffect, useState } from "react";
import { RequestFailed } from "../../connection/http.ts";
import { useAddressToken } from "./address-token.ts";

export type OpenedLink<T> =
  | { readonly kind: "loading" }
  | { readonly kind: "open"; readonly token: string; readonly value: T }
  /** `error`: why it is not known whether it works; undefined where it does not. */
  | { readonly kind: "closed"; readonly error?: unknown };

/** Asks the server about the link that opened the page. @param read has to be the same function in every render. */
export function useOpenedLink<T>(read: (token: string, signal: AbortSignal) => Promise<T>): OpenedLink<T> {
  const token = useAddressToken();
  const [link, setLink] = useState<OpenedLink<T>>({ kind: "loading" });
  useEffect(() => {
    if (token === "") {
      setLink({ kind: "closed" });
      return;
    }
    setLink({ kind: "loading" });
    const abort = new AbortController();
    read(token, abort.signal).then(
      (value) => setLink({ kind: "open", token, value }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const isClosed = error instanceof RequestFailed && error.code === "LINK_INVALID";
        setLink(isClosed ? { kind: "closed" } : { kind: "closed", error });
      },
    );
    return () => abort.abort();
  }, [read, token]);
  return link;
}
