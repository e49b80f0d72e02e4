import { Suspense, useEffect } from "react";
import { chat } from "../connection/chat.ts";
import { inOrder, sectionsOf } from "../features/sidebar/room-sections.ts";
import { loadMore } from "../i18n/i18n.ts";
import { lazyScene } from "../i18n/lazy-component.ts";
import { type RoomNavigation, useRoomNavigation } from "../navigation/room-navigation.ts";
import { openSearch } from "../navigation/search-address.ts";
import { closeOverlay, openOverlay, overlay } from "../state/overlay.ts";
import { starredOf } from "../state/starred.ts";
import { useStore } from "../state/store.ts";

// Opened by hand, so they need not be there at first.
const loadJump = async () => (await import("../features/rooms/quick-switcher.tsx")).Jump;
const Jump = lazyScene(loadJump);
const Keys = lazyScene(async () => (await import("./shortcuts-dialog.tsx")).Keys);
const BrowseRooms = lazyScene(async () => (await import("../features/rooms/browse-rooms.tsx")).BrowseRooms);
const NewDirect = lazyScene(async () => (await import("../features/rooms/new-direct-conversation.tsx")).NewDirect);
const CreateRoom = lazyScene(async () => (await import("../features/rooms/create-room.tsx")).CreateRoom);

export function Overlays() {
  const name = useStore(overlay);
  const navigation = useRoomNavigation();
  useShortcuts(navigation);
  useEffect(loadWhenIdle, []);
  return (
    <Suspense fallback={null}>
      {name === "jump" && <Jump onClose={closeOverlay} />}
      {name === "keys" && <Keys onClose={closeOverlay} />}
      {name === "browse" && <BrowseRooms onClose={closeOverlay} />}
      {name === "direct" && <NewDirect onClose={closeOverlay} />}
      {name === "create-room" && <CreateRoom onClose={closeOverlay} onCreated={navigation.show} />}
    </Suspense>
  );
}

/** Milliseconds after which the jump is fetched. */
const SETTLED = 2_000;

/** Whoever presses the keys for the jump goes on typing: what it needs is there by then, and the letters go nowhere else. */
function loadWhenIdle(): () => void {
  // Where it cannot be fetched now, it is when it is opened, and says so there.
  const timer = setTimeout(() => void Promise.all([loadJump(), loadMore()]).catch(() => {}), SETTLED);
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
        overlay.get() !== null ||
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
  const sections = sectionsOf(chat.rooms.get().rooms, me, starredOf(me), document.documentElement.lang);
  const rooms = [...inOrder(sections), ...sections.archived.filter((room) => room.number === columns?.active)];
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
