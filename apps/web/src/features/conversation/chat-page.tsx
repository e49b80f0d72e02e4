import { lazy, Suspense, useEffect, useRef } from "react";
import { useLocation, useSearch } from "wouter";
import { useI18n } from "../../i18n/i18n.ts";
import { parseRoomAddress, useRoomNavigation } from "../../navigation/room-navigation.ts";
import { useWideLayout } from "../../state/media.ts";
import { useTitle } from "../../state/page-title.ts";
import { readStored, writeStored } from "../../state/storage.ts";
import styles from "./chat-page.module.css";
import { RoomColumn } from "./room-column.tsx";

const Welcome = lazy(async () => ({ default: (await import("./welcome.tsx")).Welcome }));

const LAST_ADDRESS_KEY = "multichat.place";

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

  // With more columns than fit, the active one scrolls into view.
  const active = columns?.active;
  useEffect(() => {
    if (active === undefined) return;
    container.current
      ?.querySelector(`[data-room="${active}"]`)
      ?.scrollIntoView({ inline: "nearest", block: "nearest" });
  }, [active]);

  if (columns === undefined) {
    return (
      <Suspense fallback={null}>
        <Welcome />
      </Suspense>
    );
  }
  const visibleRooms = wide ? columns.open : [columns.active];
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
