import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useLocation, useSearch } from "wouter";
import { useI18n } from "../../i18n/i18n.ts";
import { fitColumns, MAX_COLUMNS } from "../../navigation/columns.ts";
import { parseRoomAddress, useRoomNavigation } from "../../navigation/room-navigation.ts";
import { useWideLayout } from "../../state/media.ts";
import { LAST_ADDRESS_KEY } from "../../state/storage/last-address.ts";
import { readStored, writeStored } from "../../state/storage/storage.ts";
import { useTitle } from "../../state/unread/page-title.ts";
import styles from "./chat-page.module.css";
import { RoomColumn } from "./room-column.tsx";
import { Welcome } from "./welcome.tsx";

/** Returns the address that was open when this browser was last used; undefined if it is not that of a room. */
function readLastAddress(): string | undefined {
  const stored = readStored(LAST_ADDRESS_KEY);
  const [path = "", search = ""] = stored?.split("?") ?? [];
  return stored !== null && parseRoomAddress(path, search) !== undefined ? stored : undefined;
}

/** Shows the open conversations: one on a phone, several side by side on wider screens. */
export function ChatPage() {
  const { t } = useI18n();
  const navigation = useRoomNavigation();
  const { columns } = navigation;
  const [path, navigate] = useLocation();
  const search = useSearch();
  const wide = useWideLayout();
  const container = useRef<HTMLDivElement>(null);
  const isFirstRender = useRef(true);
  useTitle(t("rooms.title"), { off: columns !== undefined });

  useEffect(() => {
    if (columns !== undefined) writeStored(LAST_ADDRESS_KEY, search === "" ? path : `${path}?${search}`);
    // Opened at `/` on a wide screen: continue where the user left off.
    else if (isFirstRender.current && wide) {
      const address = readLastAddress();
      if (address !== undefined) navigate(address, { replace: true });
    }
    isFirstRender.current = false;
  }, [columns, path, search, wide, navigate]);

  const capacity = useColumnCapacity(container, { isShown: columns !== undefined });
  const [firstColumn, setFirstColumn] = useState(0);
  if (columns === undefined) {
    return <Welcome />;
  }
  // A column is shown as a whole or not at all; the other rooms are a click away in the sidebar.
  const { visible: visibleRooms, first } = fitColumns(columns, wide ? capacity : 1, firstColumn);
  if (first !== firstColumn) setFirstColumn(first);
  return (
    <div ref={container} className={styles.strip}>
      {visibleRooms.map((number) => (
        <RoomColumn
          key={number}
          number={number}
          active={number === columns.active}
          onlyColumn={visibleRooms.length === 1}
          navigation={navigation}
        />
      ))}
    </div>
  );
}

/** Returns how many columns fit into the container, of the least width that the style sheet gives them. */
function useColumnCapacity(
  container: RefObject<HTMLElement | null>,
  { isShown }: { readonly isShown: boolean },
): number {
  const [capacity, setCapacity] = useState(MAX_COLUMNS);
  useLayoutEffect(() => {
    const element = container.current;
    if (!isShown || element === null) return;
    const measure = (): void => {
      const column = element.firstElementChild;
      const minWidth = column === null ? Number.NaN : Number.parseFloat(getComputedStyle(column).flexBasis);
      if (minWidth > 0) setCapacity(Math.max(1, Math.floor(element.clientWidth / minWidth)));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [container, isShown]);
  return capacity;
}
