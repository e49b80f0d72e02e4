import { type KeyboardEvent, useId, useState } from "react";
import { useLocation } from "wouter";
import { Dialog } from "../../components/dialog.tsx";
import { Icon, type IconName } from "../../components/icon.tsx";
import { useProfile, useRooms } from "../../stores/chat.ts";
import { useI18n } from "../../stores/i18n/i18n.ts";
import { useRoomNavigation } from "../chat/navigation.ts";
import styles from "./jump.module.css";
import { openOverlay } from "./overlay.ts";

interface Target {
  readonly key: string;
  readonly icon: IconName;
  readonly name: string;
  readonly note?: string | undefined;
  readonly go: (beside: boolean) => void;
}

/** One field that leads everywhere: rooms by a part of their name or by number, and the pages that one may open. */
export function Jump({ onClose }: { readonly onClose: () => void }) {
  const { t } = useI18n();
  const list = useId();
  const targets = useTargets(onClose);
  const [asked, setAsked] = useState("");
  const [at, setAt] = useState(0);
  const found = targets.filter((target) => matches(target, asked));
  const chosen = found[Math.min(at, found.length - 1)];

  function onKeyDown(event: KeyboardEvent): void {
    if (event.nativeEvent.isComposing) return;
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0 && found.length > 0) {
      event.preventDefault();
      setAt((Math.min(at, found.length - 1) + step + found.length) % found.length);
    } else if (event.key === "Enter" && chosen !== undefined) {
      event.preventDefault();
      chosen.go(event.ctrlKey || event.metaKey);
    }
  }

  return (
    <Dialog title={t("jump.title")} onClose={onClose} palette>
      <div className={styles.field}>
        <Icon name="search" />
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={chosen === undefined ? undefined : `${list}-${chosen.key}`}
          aria-label={t("jump.label")}
          placeholder={t("jump.label")}
          autoComplete="off"
          spellCheck={false}
          value={asked}
          onChange={(event) => {
            setAsked(event.target.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div id={list} className={styles.list} role="listbox" aria-label={t("jump.title")}>
        {found.map((target) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled in the field, which has the focus.
          <div
            key={target.key}
            id={`${list}-${target.key}`}
            ref={target === chosen ? (element) => element?.scrollIntoView({ block: "nearest" }) : undefined}
            className={styles.target}
            role="option"
            aria-selected={target === chosen}
            tabIndex={-1}
            onClick={(event) => target.go(event.ctrlKey || event.metaKey)}
          >
            <Icon name={target.icon} small />
            <span className={styles.name}>
              <bdi>{target.name}</bdi>
            </span>
            {target.note !== undefined && <span className={styles.note}>{target.note}</span>}
          </div>
        ))}
      </div>
      {found.length === 0 && (
        <p className={styles.nothing} role="status">
          {t("jump.nothing", { asked })}
        </p>
      )}
      <p className={styles.hint}>{t("jump.hint")}</p>
    </Dialog>
  );
}

function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}

/** Every word asked for stands somewhere in the name; a number alone is a room's number too. */
function matches({ name, key }: Target, asked: string): boolean {
  const words = fold(asked).split(/\s+/).filter(Boolean);
  const where = fold(name);
  return words.every((word) => where.includes(word)) || key === `room-${asked.trim().replace(/^#/, "")}`;
}

function useTargets(onClose: () => void): readonly Target[] {
  const { t } = useI18n();
  const { rooms } = useRooms();
  const { me, mayCreateRooms } = useProfile();
  const navigation = useRoomNavigation();
  const [, navigate] = useLocation();

  const page = (path: string, icon: IconName, name: string): Target => ({
    key: path.replaceAll("/", "-"),
    icon,
    name,
    go() {
      onClose();
      navigate(path);
    },
  });
  const places = rooms.map(
    (room): Target => ({
      key: `room-${room.number}`,
      icon: room.staffOnly ? "shield" : room.archived ? "archive" : "rooms",
      name: room.title,
      note:
        room.unread > 0 ? t("rooms.unread", { count: room.unread }) : room.archived ? t("room.archived") : undefined,
      go(beside) {
        onClose();
        if (beside) navigation.showBeside(room.number);
        else navigation.show(room.number);
      },
    }),
  );
  // Unread first, closed ones last; otherwise as they stand in the list.
  const rank = new Map(rooms.map((room) => [`room-${room.number}`, room.archived ? 2 : room.unread > 0 ? 0 : 1]));
  places.sort((a, b) => (rank.get(a.key) ?? 1) - (rank.get(b.key) ?? 1));
  return [
    ...places,
    ...(mayCreateRooms
      ? [{ key: "create", icon: "plus" as const, name: t("room.create"), go: () => openOverlay("create-room") }]
      : []),
    page("/settings", "settings", t("settings.title")),
    ...(me.staff
      ? [
          page("/admin/rooms", "shield", t("admin.rooms")),
          page("/admin/people", "people", t("admin.people")),
          page("/admin/settings", "sliders", t("admin.settings")),
        ]
      : []),
    { key: "keys", icon: "keyboard", name: t("keys.title"), go: () => openOverlay("keys") },
  ];
}
