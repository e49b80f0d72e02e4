import { useState } from "react";
import { useLocation } from "wouter";
import { Problem } from "../../components/forms/field.tsx";
import { Palette, type PaletteItem } from "../../components/overlays/palette.tsx";
import { useProfile, useRooms } from "../../hooks/use-chat.ts";
import { useFoundPeople } from "../../hooks/use-found-people.ts";
import { useOpenDirect } from "../../hooks/use-open-direct.ts";
import { type I18n, useI18n } from "../../i18n/i18n.ts";
import { type RoomNavigation, useRoomNavigation } from "../../navigation/room-navigation.ts";
import { openSearch } from "../../navigation/search-address.ts";
import { matchesQuery, sortByRelevance } from "../../state/item-search.ts";
import { openOverlay } from "../../state/overlay.ts";
import { getRoomName } from "../../state/room-name.ts";
import styles from "./quick-switcher.module.css";

/** Goes anywhere from one field: rooms by name or number, people, pages and the search. */
export function QuickSwitcher({ onClose }: { readonly onClose: () => void }) {
  const i18n = useI18n();
  const { t } = i18n;
  const navigation = useRoomNavigation();
  const [query, setQuery] = useState("");
  const rooms = useRoomItems(navigation, i18n, onClose);
  const pages = usePageItems(i18n, onClose);
  const people = usePeopleItems(query, onClose);
  const search = getSearchItem(query, i18n, onClose);
  const matches = sortByRelevance(
    [...rooms, ...people.items, ...pages].filter((item) => matchesQuery(item, query)),
    query,
  );
  return (
    <Palette
      title={t("switcher.title")}
      label={t("switcher.label")}
      query={query}
      onQueryChange={setQuery}
      items={[...matches, ...search]}
      isPending={people.isPending && matches.length === 0}
      emptyText={t("switcher.noResults", { query })}
      hint={t("switcher.hint")}
      onClose={onClose}
    >
      {people.problem !== undefined && (
        <div className={styles.problem}>
          <Problem>{people.problem}</Problem>
        </div>
      )}
    </Palette>
  );
}

function useRoomItems(navigation: RoomNavigation, { t }: I18n, onClose: () => void): readonly PaletteItem[] {
  const { rooms } = useRooms();
  const { me } = useProfile();
  const items = rooms.map((room): PaletteItem => {
    const unread = room.unread > 0 ? t("rooms.unread", { count: room.unread }) : undefined;
    return {
      key: `room-${room.number}`,
      icon: room.archived
        ? "archive"
        : room.kind === "direct"
          ? "bubble"
          : room.staffOnly
            ? "shield"
            : room.kind === "private"
              ? "lock"
              : "rooms",
      name: getRoomName(room, me.id),
      detail: unread ?? (room.archived ? t("room.archived") : undefined),
      choose({ beside }) {
        onClose();
        if (beside) navigation.showBeside(room.number);
        else navigation.show(room.number);
      },
    };
  });
  // Unread rooms first, archived ones last; otherwise in the order of the list.
  const rank = new Map(rooms.map((room) => [`room-${room.number}`, room.archived ? 2 : room.unread > 0 ? 0 : 1]));
  return items.sort((a, b) => (rank.get(a.key) ?? 1) - (rank.get(b.key) ?? 1));
}

/** People without a direct conversation with the user; existing conversations are among the rooms. */
function usePeopleItems(
  input: string,
  onClose: () => void,
): { readonly items: readonly PaletteItem[]; readonly isPending: boolean; readonly problem: string | undefined } {
  const { rooms } = useRooms();
  const { me } = useProfile();
  const query = input.trim().replace(/^@/, "");
  const { people, query: answeredQuery } = useFoundPeople(query === "" ? undefined : query);
  const open = useOpenDirect(onClose);
  const peopleWithRoom = new Set(
    rooms.flatMap((room) => (room.kind === "direct" ? room.people.map(({ id }) => id) : [])),
  );
  const items = people
    .filter(({ id }) => id !== me.id && !peopleWithRoom.has(id))
    .map(
      ({ id, username }): PaletteItem => ({
        key: `person-${id}`,
        icon: "people",
        name: username,
        choose: () => open.run(id),
      }),
    );
  return { items, isPending: query !== "" && answeredQuery !== query, problem: open.problem };
}

function usePageItems({ t }: I18n, onClose: () => void): readonly PaletteItem[] {
  const { me, mayCreateRooms: canCreateRooms } = useProfile();
  const [, navigate] = useLocation();
  const pageItem = (path: string, icon: PaletteItem["icon"], name: string): PaletteItem => ({
    key: path.replaceAll("/", "-"),
    icon,
    name,
    choose() {
      onClose();
      navigate(path);
    },
  });
  const overlayItem = (
    key: "create-room" | "browse-rooms" | "new-direct" | "shortcuts",
    icon: PaletteItem["icon"],
    name: string,
  ): PaletteItem => ({
    key,
    icon,
    name,
    choose: () => openOverlay(key),
  });
  return [
    ...(canCreateRooms ? [overlayItem("create-room", "plus", t("room.create"))] : []),
    overlayItem("browse-rooms", "compass", t("browse.title")),
    overlayItem("new-direct", "bubble", t("direct.new")),
    pageItem("/settings", "settings", t("settings.title")),
    ...(me.staff
      ? [
          pageItem("/admin/rooms", "shield", t("admin.rooms")),
          pageItem("/admin/people", "people", t("admin.people")),
          pageItem("/admin/settings", "sliders", t("admin.settings")),
        ]
      : []),
    overlayItem("shortcuts", "keyboard", t("shortcuts.title")),
  ];
}

/** Always last: what is no name may be the text of a message. */
function getSearchItem(input: string, { t }: I18n, onClose: () => void): readonly PaletteItem[] {
  const query = input.trim();
  const name = query === "" ? t("search.title") : t("search.for", { query });
  return [
    {
      key: "search",
      icon: "search",
      name,
      choose() {
        onClose();
        openSearch(query);
      },
    },
  ];
}
