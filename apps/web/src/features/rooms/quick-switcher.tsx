import { useState } from "react";
import { useLocation } from "wouter";
import { Problem } from "../../components/forms/field.tsx";
import { Palette, type Target } from "../../components/overlays/palette.tsx";
import { useProfile, useRooms } from "../../hooks/use-chat.ts";
import { useFoundPeople } from "../../hooks/use-found-people.ts";
import { useOpenDirect } from "../../hooks/use-open-direct.ts";
import { type I18n, useI18n } from "../../i18n/i18n.ts";
import { type RoomNavigation, useRoomNavigation } from "../../navigation/room-navigation.ts";
import { openSearch } from "../../navigation/search-address.ts";
import { openOverlay } from "../../state/overlay.ts";
import { roomName } from "../../state/room-name.ts";
import styles from "./quick-switcher.module.css";
import { bestFirst, matches } from "./target-search.ts";

/** One field that leads everywhere: rooms by a part of their name or by number, people, pages, and the search. */
export function Jump({ onClose }: { readonly onClose: () => void }) {
  const i18n = useI18n();
  const { t } = i18n;
  const navigation = useRoomNavigation();
  const [asked, setAsked] = useState("");
  const rooms = useRoomTargets(navigation, i18n, onClose);
  const pages = usePageTargets(i18n, onClose);
  const people = usePeopleTargets(asked, onClose);
  const search = searchTarget(asked, i18n, onClose);
  const found = bestFirst(
    [...rooms, ...people.targets, ...pages].filter((target) => matches(target, asked)),
    asked,
  );
  return (
    <Palette
      title={t("jump.title")}
      label={t("jump.label")}
      asked={asked}
      onAsk={setAsked}
      targets={[...found, ...search]}
      nothing={t("jump.nothing", { asked })}
      hint={t("jump.hint")}
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

function useRoomTargets(navigation: RoomNavigation, { t }: I18n, onClose: () => void): readonly Target[] {
  const { rooms } = useRooms();
  const { me } = useProfile();
  const targets = rooms.map((room): Target => {
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
      name: roomName(room, me.id),
      note: unread ?? (room.archived ? t("room.archived") : undefined),
      go(beside) {
        onClose();
        if (beside) navigation.showBeside(room.number);
        else navigation.show(room.number);
      },
    };
  });
  // Unread first, closed ones last; otherwise as they stand in the list.
  const rank = new Map(rooms.map((room) => [`room-${room.number}`, room.archived ? 2 : room.unread > 0 ? 0 : 1]));
  return targets.sort((a, b) => (rank.get(a.key) ?? 1) - (rank.get(b.key) ?? 1));
}

/** People that one has no direct conversation with yet; those that one has stand among the rooms. */
function usePeopleTargets(
  asked: string,
  onClose: () => void,
): { readonly targets: readonly Target[]; readonly problem: string | undefined } {
  const { rooms } = useRooms();
  const { me } = useProfile();
  const query = asked.trim().replace(/^@/, "");
  const { people } = useFoundPeople(query === "" ? undefined : query);
  const open = useOpenDirect(onClose);
  const known = new Set(rooms.flatMap((room) => (room.kind === "direct" ? room.people.map(({ id }) => id) : [])));
  const targets = people
    .filter(({ id }) => id !== me.id && !known.has(id))
    .map(
      ({ id, username }): Target => ({
        key: `person-${id}`,
        icon: "people",
        name: username,
        go: () => open.run(id),
      }),
    );
  return { targets, problem: open.problem };
}

function usePageTargets({ t }: I18n, onClose: () => void): readonly Target[] {
  const { me, mayCreateRooms } = useProfile();
  const [, navigate] = useLocation();
  const page = (path: string, icon: Target["icon"], name: string): Target => ({
    key: path.replaceAll("/", "-"),
    icon,
    name,
    go() {
      onClose();
      navigate(path);
    },
  });
  const over = (key: "create-room" | "browse" | "direct" | "keys", icon: Target["icon"], name: string): Target => ({
    key,
    icon,
    name,
    go: () => openOverlay(key),
  });
  return [
    ...(mayCreateRooms ? [over("create-room", "plus", t("room.create"))] : []),
    over("browse", "compass", t("browse.title")),
    over("direct", "bubble", t("direct.new")),
    page("/settings", "settings", t("settings.title")),
    ...(me.staff
      ? [
          page("/admin/rooms", "shield", t("admin.rooms")),
          page("/admin/people", "people", t("admin.people")),
          page("/admin/settings", "sliders", t("admin.settings")),
        ]
      : []),
    over("keys", "keyboard", t("keys.title")),
  ];
}

/** Always the last: what is no name may be something that was written. */
function searchTarget(asked: string, { t }: I18n, onClose: () => void): readonly Target[] {
  const query = asked.trim();
  const name = query === "" ? t("search.title") : t("search.for", { asked: query });
  return [
    {
      key: "search",
      icon: "search",
      name,
      go() {
        onClose();
        openSearch(query);
      },
    },
  ];
}
