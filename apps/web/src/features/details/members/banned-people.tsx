import type { Author, Ban, RoomListEntry } from "@multichat/protocol";
import { type RefObject, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { Button } from "../../../components/forms/button.tsx";
import { includesIgnoringCase } from "../../../components/forms/filter.tsx";
import { Avatar } from "../../../components/indicators/avatar.tsx";
import { useI18n } from "../../../i18n/i18n.ts";
import styles from "./banned-people.module.css";
import { ConfirmMemberChange } from "./confirm-member-change.tsx";
import { useBans } from "./use-bans.ts";

interface BannedPeopleProps {
  readonly room: RoomListEntry;
  /** Shows only names that contain this. */
  readonly nameFilter: string;
}

/** Lists the banned people, with a button to lift each ban. Empty if there are none or the user may not see them. */
export function BannedPeople({ room, nameFilter }: BannedPeopleProps) {
  const { t } = useI18n();
  const { banned, count } = useBans(room);
  const [personToUnban, setPersonToUnban] = useState<Author>();
  const opener = useRef<Surroundings>(undefined);
  const titleId = useId();
  const matches = banned.filter((ban) => includesIgnoringCase(ban.user.username, nameFilter));

  // If the row disappears while the dialog is open, the dialog cannot restore the focus to its button.
  useEffect(() => {
    if (personToUnban !== undefined) return;
    if (opener.current?.button.isConnected === false) focusListOrPane(opener.current);
    opener.current = undefined;
  }, [personToUnban]);

  const openDialog = (person: Author, button: HTMLElement): void => {
    opener.current = surroundingsOf(button);
    setPersonToUnban(person);
  };

  return (
    <>
      {matches.length > 0 && (
        <details className={styles.banned}>
          <summary id={titleId}>{t("members.banned", { count: nameFilter === "" ? count : matches.length })}</summary>
          <ul className={styles.list} aria-labelledby={titleId}>
            {matches.map((ban) => (
              <BannedPerson key={ban.user.id} ban={ban} onUnban={(button) => openDialog(ban.user, button)} />
            ))}
          </ul>
          {nameFilter === "" && count > banned.length && (
            <p className={styles.note}>{t("members.truncated", { shown: banned.length })}</p>
          )}
        </details>
      )}
      {personToUnban !== undefined && (
        <ConfirmMemberChange
          room={room}
          person={personToUnban}
          change={{ kind: "unban" }}
          onClose={() => setPersonToUnban(undefined)}
        />
      )}
    </>
  );
}

interface BannedPersonProps {
  readonly ban: Ban;
  readonly onUnban: (button: HTMLElement) => void;
}

function BannedPerson({ ban: { user, by, at }, onUnban }: BannedPersonProps) {
  const { t, date } = useI18n();
  const button = useRef<HTMLButtonElement>(null);
  useFocusHandover(button);
  return (
    <li className={styles.line}>
      <Avatar id={user.id} name={user.username} />
      <span className={styles.names}>
        <span className={styles.name} dir="auto">
          {user.username}
        </span>
        <span className={styles.note}>
          {by === null ? t("members.bannedByOperator") : t("members.bannedBy", { by: by.username })} ·{" "}
          <bdi>{date(at)}</bdi>
        </span>
      </span>
      <Button
        buttonRef={button}
        size="small"
        aria-label={t("members.unbanNamed", { name: user.username })}
        onClick={(event) => onUnban(event.currentTarget)}
      >
        {t("members.unbanAction")}
      </Button>
    </li>
  );
}

interface Surroundings {
  readonly button: Element;
  readonly list: Element | null;
  readonly pane: Element | null;
}

function surroundingsOf(button: Element): Surroundings {
  return { button, list: button.closest("details"), pane: button.closest("aside") };
}

/** Focuses the list, or the pane's title if the list is gone. */
function focusListOrPane({ list, pane }: Surroundings): void {
  const target = list?.isConnected ? list.querySelector("summary") : pane?.querySelector("h2");
  target?.focus({ preventScroll: true });
}

/** Moves the focus to the list if the row disappears after the dialog restored the focus to its button. */
function useFocusHandover(button: RefObject<HTMLButtonElement | null>): void {
  useLayoutEffect(() => {
    const { current } = button;
    return () => {
      if (current === null || current !== document.activeElement) return;
      const surroundings = surroundingsOf(current);
      // Whether the list stays is known only after this update.
      queueMicrotask(() => focusListOrPane(surroundings));
    };
  }, [button]);
}
