import type { RoomListEntry } from "@multichat/protocol";
import { type KeyboardEvent, useRef } from "react";
import { IconButton } from "../../components/forms/button.tsx";
import { Icon, type IconName } from "../../components/indicators/icon.tsx";
import { VisuallyHidden } from "../../components/indicators/visually-hidden.tsx";
import { useRoomByNumber, useRoomName } from "../../hooks/use-chat.ts";
import type { Key } from "../../i18n/catalogue.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { PANES, type Pane, type PaneName } from "../../navigation/pane-address.ts";
import { closePane, openPane, useRoomNavigation } from "../../navigation/room-navigation.ts";
import { useFitsThreePanes } from "../../state/media.ts";
import { AboutPane } from "./about/about-pane.tsx";
import styles from "./details.module.css";
import { MembersPane } from "./members/members-pane.tsx";
import { PinsPane } from "./pins-pane.tsx";
import { SearchPane } from "./search-pane.tsx";
import { usePaneFocus } from "./use-pane-focus.ts";

const PANE_TABS = {
  about: { icon: "info", title: "details.about" },
  members: { icon: "people", title: "details.members" },
  pins: { icon: "pin", title: "details.pins" },
  search: { icon: "search", title: "details.search" },
} as const satisfies Record<PaneName, { readonly icon: IconName; readonly title: Key }>;

/** The details of the active room: beside its conversation, or in its place where both do not fit. */
export function Details() {
  const { columns } = useRoomNavigation();
  const room = useRoomByNumber(columns?.active ?? 0);
  if (columns?.pane === undefined || room === undefined) return null;
  const { pane } = columns;
  // A direct conversation has no members pane: its two people are in the header.
  const visiblePane: Pane = room.kind === "direct" && pane.name === "members" ? { name: "about" } : pane;
  return <DetailsPane room={room} pane={visiblePane} />;
}

interface DetailsPaneProps {
  readonly room: RoomListEntry;
  readonly pane: Pane;
}

function DetailsPane({ room, pane }: DetailsPaneProps) {
  const { t } = useI18n();
  const name = useRoomName(room);
  const container = useRef<HTMLElement>(null);
  usePaneFocus(container, pane.name);
  const isBeside = useFitsThreePanes();

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.defaultPrevented || event.nativeEvent.isComposing) return;
    // In a dialog opened from here, Escape closes the dialog only.
    if (event.target instanceof Element && event.target.closest("dialog") !== null) return;
    event.preventDefault();
    closePane();
  }

  return (
    <aside
      ref={container}
      className={styles.details}
      data-details
      aria-label={t("details.label", { room: name })}
      onKeyDown={onKeyDown}
    >
      {/* In place of the conversation, the pane carries the page's heading. */}
      {!isBeside && (
        <VisuallyHidden>
          <h1>{t("details.label", { room: name })}</h1>
        </VisuallyHidden>
      )}
      <header className={styles.header}>
        <h2 className={styles.title} tabIndex={-1} dir="auto">
          {name}
        </h2>
        <IconButton icon="close" size="small" label={t("details.close")} onClick={closePane} />
      </header>
      <nav className={styles.tabs} aria-label={t("details.tabs")}>
        {PANES.filter((tab) => room.kind !== "direct" || tab !== "members").map((tab) => (
          <button
            key={tab}
            type="button"
            className={styles.tab}
            aria-current={tab === pane.name ? "true" : undefined}
            onClick={() => openPane(room.number, { name: tab })}
          >
            <Icon name={PANE_TABS[tab].icon} small />
            {t(PANE_TABS[tab].title)}
          </button>
        ))}
      </nav>
      <div key={`${room.id}-${pane.name}`} className={styles.body}>
        <PaneBody room={room} pane={pane} />
      </div>
    </aside>
  );
}

function PaneBody({ room, pane }: DetailsPaneProps) {
  switch (pane.name) {
    case "about":
      return <AboutPane room={room} />;
    case "members":
      return <MembersPane room={room} query={pane.query ?? ""} />;
    case "pins":
      return <PinsPane room={room} />;
    case "search":
      return <SearchPane room={room} pane={pane} />;
  }
}
