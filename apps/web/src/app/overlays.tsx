import { useEffect } from "react";
import { chat } from "../connection/chat.ts";
import { flattenSections, groupIntoSections } from "../features/sidebar/room-sections.ts";
import { loadDeferredTexts } from "../i18n/i18n.ts";
import { lazyComponent } from "../i18n/lazy-component.ts";
import { type RoomNavigation, useRoomNavigation } from "../navigation/room-navigation.ts";
import { openSearch } from "../navigation/search-address.ts";
import { activeOverlay, closeOverlay, openOverlay } from "../state/overlay.ts";
import { getStarredRooms, isMuted } from "../state/room-preferences.ts";
import { useStore } from "../state/store.ts";

// Loaded on demand to keep the first load small.
const loadQuickSwitcher = () => import("../features/rooms/quick-switcher.tsx");
const QuickSwitcher = lazyComponent(loadQuickSwitcher, "QuickSwitcher");
const ShortcutsDialog = lazyComponent(() => import("./shortcuts-dialog.tsx"), "ShortcutsDialog");
const BrowseRooms = lazyComponent(() => import("../features/rooms/browse-rooms.tsx"), "BrowseRooms");
const NewDirectConversation = lazyComponent(
  () => import("../features/rooms/new-direct-conversation.tsx"),
  "NewDirectConversation",
);
const CreateRoom = lazyComponent(() => import("../features/rooms/create-room.tsx"), "CreateRoom");

export function Overlays() {
  const name = useStore(activeOverlay);
  const navigation = useRoomNavigation();
  useShortcuts(navigation);
  useEffect(preloadQuickSwitcher, []);
  return (
    <>
      {name === "quick-switcher" && <QuickSwitcher onClose={closeOverlay} />}
      {name === "shortcuts" && <ShortcutsDialog onClose={closeOverlay} />}
      {name === "browse-rooms" && <BrowseRooms onClose={closeOverlay} />}
      {name === "new-direct" && <NewDirectConversation onClose={closeOverlay} />}
      {name === "create-room" && <CreateRoom onClose={closeOverlay} onCreated={navigation.show} />}
    </>
  );
}

const PRELOAD_DELAY_MS = 2_000;

/** Loads the quick switcher before it is opened: a user who presses its shortcut keeps typing, and no letter may be lost. */
function preloadQuickSwitcher(): () => void {
  // If this fails, it is loaded again when it is opened, and the failure shows then.
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

/** Handles the keyboard shortcuts that work on every page behind the sign-in. */
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
      const isSwitcher = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k";
      const isSearch = (event.ctrlKey || event.metaKey) && event.shiftKey && event.key.toLowerCase() === "f";
      const isHelp = event.key === "?" && !event.ctrlKey && !event.metaKey && !isEditable(event.target);
      const step = event.altKey && (event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0);
      if (isSwitcher) openOverlay("quick-switcher");
      else if (isSearch) openSearch();
      else if (isHelp) openOverlay("shortcuts");
      else if (step) moveBy(step, navigation, { unreadOnly: event.shiftKey });
      else return;
      event.preventDefault();
    }
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [navigation]);
}

/** Goes to the next room of the list in this direction, wrapping around; with `unreadOnly` to the next unread one. */
function moveBy(
  step: -1 | 1,
  { columns, show }: RoomNavigation,
  { unreadOnly }: { readonly unreadOnly: boolean },
): void {
  const me = chat.me.get()?.id ?? "";
  const sections = groupIntoSections(chat.rooms.get().rooms, me, getStarredRooms(), document.documentElement.lang);
  const rooms = [...flattenSections(sections), ...sections.archived.filter((room) => room.number === columns?.active)];
  const activeIndex = rooms.findIndex((room) => room.number === columns?.active);
  const start = activeIndex === -1 && step === -1 ? 0 : activeIndex;
  for (let i = 1; i <= rooms.length; i += 1) {
    const room = rooms[(start + i * step + rooms.length * 2) % rooms.length];
    if (room === undefined || room.number === columns?.active) continue;
    if (unreadOnly && (isMuted(room.id) ? room.mentions : room.unread) === 0) continue;
    show(room.number);
    return;
  }
}
