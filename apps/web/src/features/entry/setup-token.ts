import { useEffect, useState } from "react";

/** The token of the address that opened the page. Kept in memory only: a reload needs the printed address again. */
let token = "";

/**
 * Returns the token of the setup address `/setup#token=…`; empty if it had none. Removes it from the address at once, so that
 * it stays neither on the screen nor in the history of the browser.
 */
export function useSetupToken(): string {
  const [current, setCurrent] = useState(takeToken);
  useEffect(() => {
    // The printed address pasted over `/setup` changes the fragment without loading the page.
    const onHashChange = () => setCurrent(takeToken());
    window.addEventListener("hashchange", onHashChange);
    return () => window.removeEventListener("hashchange", onHashChange);
  }, []);
  return current;
}

function takeToken(): string {
  const { hash, pathname, search } = window.location;
  const given = new URLSearchParams(hash.slice(1)).get("token");
  if (given !== null) token = given;
  // Removes also what follows `?`: an address that was put together by hand can hold the token there.
  if (hash !== "" || search !== "") window.history.replaceState(window.history.state, "", pathname);
  return token;
}
