import { useEffect, useRef } from "react";
import { useLocation, useSearch } from "wouter";
import { useI18n } from "../../i18n/i18n.ts";
import { parseRoomAddress, useRoomNavigation } from "../../navigation/room-navigation.ts";
import { useWideLayout } from "../../state/media.ts";
import { useTitle } from "../../state/page-title.ts";
import { readStored, writeStored } from "../../state/storage.ts";
import styles from "./chat-page.module.css";
import { RoomColumn } from "./room-column.tsx";
import { Welcome } from "./welcome.tsx";

const LAST_ADDRESS_KEY = "multichat.place";

/** Where one was when this browser was last here; undefined where that is no address of rooms. */
function readLastAddress(): string | undefined {
  const stored = readStored(LAST_ADDRESS_KEY);
  const [path = "", search = ""] = stored?.split("?") ?? [];
  return stored !== null && parseRoomAddress(path, search) !== undefined ? stored : undefined;
}

/** The conversations: one on a phone, as many side by side as are open elsewhere. */
export function ChatPage() {
  const { t } = useI18n();
  const navigation = useRoomNavigation();
  const { columns } = navigation;
  const [path, navigate] = useLocation();
  const search = useSearch();
  const wide = useWideLayout();
  const strip = useRef<HTMLDivElement>(null);
  const isFirstRender = useRef(true);
  useTitle(t("rooms.section"), { off: columns !== undefined });

  useEffect(() => {
    if (columns !== undefined) writeStored(LAST_ADDRESS_KEY, search === "" ? path : `${path}?${search}`);
    // Opened at the front door with room for a conversation: go on where one was.
    else if (isFirstRender.current && wide) {
      const address = readLastAddress();
      if (address !== undefined) navigate(address, { replace: true });
    }
    isFirstRender.current = false;
  }, [columns, path, search, wide, navigate]);

  // More columns than fit: the active one comes into view.
  const active = columns?.active;
  useEffect(() => {
    if (active === undefined) return;
    strip.current?.querySelector(`[data-room="${active}"]`)?.scrollIntoView({ inline: "nearest", block: "nearest" });
  }, [active]);

  if (columns === undefined) {
    return <Welcome />;
  }
  const shown = wide ? columns.open : [columns.active];
  return (
    <div ref={strip} className={styles.strip}>
      {shown.map((number) => (
        <RoomColumn
          key={number}
          number={number}
          active={number === columns.active}
          onlyColumn={shown.length === 1}
          navigation={navigation}
        />
      ))}
    </div>
  );
}
