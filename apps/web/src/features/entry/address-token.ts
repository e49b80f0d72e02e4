import { useEffect, useState } from "react";

/** The tokens of the addresses that opened pages, by their paths. In memory only: a reload needs the whole address again. */
const tokens = new Map<string, string>();

/**
 * Returns the token of an address like `/setup#token=…`; empty if it had none. Removes it from the address at once, so that
 * it stays neither on the screen nor in the history of the browser.
 */
export function useAddressToken(): string {
  const [current, setCurrent] = useState(takeToken);
  useEffect(() => {
    // An address pasted over that of the page changes the fragment without loading the page.
    const onHashChange = () => setCurrent(takeToken());
    window.addEventListener("hashchange", onHashChange);
    return () => window.removeEventListener("hashchange", onHashChange);
  }, []);
  return current;
}

function takeToken(): string {
  const { hash, pathname, search } = window.location;
  const given = new URLSearchParams(hash.slice(1)).get("token");
  if (given !== null) tokens.set(pathname, given);
  // Removes also what follows `?`: an address that was put together by hand can hold the token there.
  if (hash !== "" || search !== "") window.history.replaceState(window.history.state, "", pathname);
  return tokens.get(pathname) ?? "";
}
