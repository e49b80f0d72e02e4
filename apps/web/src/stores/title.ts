import { useEffect } from "react";

const NAME = "Multichat";

interface TitleOptions {
  /** Messages that wait to be read, in all rooms. */
  readonly unread?: number;
  /** Leaves the title to somebody else. */
  readonly off?: boolean;
}

/** Names the page in the browser's tab: what is unread, the place, then the product. */
export function useTitle(place: string, { unread = 0, off = false }: TitleOptions = {}): void {
  useEffect(() => {
    if (off) return;
    const count = unread === 0 ? "" : unread >= 100 ? "(99+) " : `(${unread}) `;
    document.title = `${count}${place} · ${NAME}`;
  }, [place, unread, off]);
}
