import { navigate } from "wouter/use-browser-location";
import { BASE_PATH } from "../connection/base-path.ts";

/**
 * Addresses within the chat, which know nothing of the path that it is served under: `/rooms/3` may be `/chat/rooms/3` on the
 * host. Links and routes of the router are relative to it already.
 */

/** Returns the path within the chat; undefined for another page of the host. */
export function pathWithin(pathname: string, base: string = BASE_PATH): string | undefined {
  const segments = pathname.split("/");
  const expected = base.split("/");
  // `%c3` and `%C3` are the same.
  if (expected.some((segment, index) => decode(segments[index]) !== decode(segment))) return undefined;
  return `/${segments.slice(expected.length).join("/")}`;
}

function decode(segment = ""): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Returns the path of the current address within the chat. */
export function currentPath(): string {
  return pathWithin(location.pathname) ?? location.pathname;
}

/** Goes to an address within the chat. */
export function goTo(address: string, options?: Parameters<typeof navigate>[1]): void {
  navigate(BASE_PATH + address, options);
}

/** Returns the URL of an address within the chat, to be copied. */
export function toUrl(address: string): string {
  return location.origin + BASE_PATH + address;
}

/**
 * Returns whether the page was opened outside of the path that the chat is served under, at the server itself, and goes to the
 * same address below the path: links and cookies are only valid there.
 */
export function leaveForBasePath(): boolean {
  if (pathWithin(location.pathname) !== undefined) return false;
  location.replace(BASE_PATH + location.pathname + location.search + location.hash);
  return true;
}
