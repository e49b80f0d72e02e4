import { Suspense, useEffect } from "react";
import { chat } from "../connection/chat.ts";
import { flattenSections, groupIntoSections } from "../features/sidebar/room-sections.ts";
import { loadDeferredTexts } from "../i18n/i18n.ts";
import { lazyComponent } from "../i18n/lazy-component.ts";
import { type RoomNavigation, useRoomNavigation } from "../navigation/room-navigation.ts";
import { openSearch } from "../navigation/search-address.ts";
import { activeOverlay, closeOverlay, openOverlay } from "../state/overlay.ts";
import { getStarredRooms } from "../state/starred.ts";
import { useStore } from "../state/store.ts";

// Opened by hand, so they need not be there at first.
const loadQuickSwitcher = async () => (await import("../features/rooms/quick-switcher.tsx")).QuickSwitcher;
const QuickSwitcher = lazyComponent(loadQuickSwitcher);
const ShortcutsDialog = lazyComponent(async () => (await import("./shortcuts-dialog.tsx")).ShortcutsDialog);
const BrowseRooms = lazyComponent(async () => (await import("../features/rooms/browse-rooms.tsx")).BrowseRooms);
const NewDirectConversation = lazyComponent(
  async () => (await import("../features/rooms/new-direct-conversation.tsx")).NewDirectConversation,
);
const CreateRoom = lazyComponent(async () => (await import("../features/rooms/create-room.tsx")).CreateRoom);

export function Overlays() {
  const name = useStore(activeOverlay);
  const navigation = useRoomNavigation();
  useShortcuts(navigation);
  useEffect(preloadQuickSwitcher, []);
  return (
    <Suspense fallback={null}>
      {name === "jump" && <QuickSwitcher onClose={closeOverlay} />}
      {name === "keys" && <ShortcutsDialog onClose={closeOverlay} />}
      {name === "browse" && <BrowseRooms onClose={closeOverlay} />}
      {name === "direct" && <NewDirectConversation onClose={closeOverlay} />}
      {name === "create-room" && <CreateRoom onClose={closeOverlay} onCreated={navigation.show} />}
    </Suspense>
  );
}

/** Milliseconds after which the jump is fetched. */
const PRELOAD_DELAY_MS = 2_000;

/** Whoever presses the keys for the jump goes on typing: what it needs is there by then, and the letters go nowhere else. */
function preloadQuickSwitcher(): () => void {
  // Where it cannot be fetched now, it is when it is opened, and says so there.
  const timer = setTimeout(
    () => void Promise.all([loadQuickSwitcher(), loadDeferredTexts()]).catch(() => {}),
    PRELOAD_DELAY_MS,
  );
  return () => clearTimeout(timer);
}

function isEditable(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** The keys that work everywhere behind the sign-in. */
function useShortcuts(navigation: RoomNavigation): void {
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent): void {
      if (
        event.defaultPrevented ||
        event.isComposing ||
        activeOverlay.get() !== null ||
        document.querySelector("dialog[open]")
      )
        return;
      const jump = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k";
      const find = (event.ctrlKey || event.metaKey) && event.shiftKey && event.key.toLowerCase() === "f";
      const keys = event.key === "?" && !event.ctrlKey && !event.metaKey && !isEditable(event.target);
      const step = event.altKey && (event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0);
      if (jump) openOverlay("jump");
      else if (find) openSearch();
      else if (keys) openOverlay("keys");
      else if (step) moveBy(step, event.shiftKey, navigation);
      else return;
      event.preventDefault();
    }
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [navigation]);
}

/** To the next room in that direction as they are drawn, around the end; only to unread ones, where asked. */
function moveBy(step: -1 | 1, unreadOnly: boolean, { columns, show }: RoomNavigation): void {
  const me = chat.me.get()?.id ?? "";
  const sections = groupIntoSections(chat.rooms.get().rooms, me, getStarredRooms(me), document.documentElement.lang);
  const rooms = [...flattenSections(sections), ...sections.archived.filter((room) => room.number === columns?.active)];
  const at = rooms.findIndex((room) => room.number === columns?.active);
  const start = at === -1 && step === -1 ? 0 : at;
  for (let i = 1; i <= rooms.length; i += 1) {
    const room = rooms[(start + i * step + rooms.length * 2) % rooms.length];
    if (room === undefined || room.number === columns?.active) continue;
    if (unreadOnly && room.unread === 0) continue;
    show(room.number);
    return;
  }
}
