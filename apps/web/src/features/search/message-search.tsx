import type { RoomListEntry } from "@multichat/protocol";
import { type FormEvent, useId, useState } from "react";
import { IconButton } from "../../components/forms/button.tsx";
import { Choice } from "../../components/forms/field.tsx";
import { Icon } from "../../components/indicators/icon.tsx";
import { useProfile } from "../../hooks/use-chat.ts";
import { useI18n } from "../../i18n/i18n.ts";
import styles from "./message-search.module.css";
import { SearchHelp } from "./search-help.tsx";
import { SearchResults } from "./search-results.tsx";
import { namesRooms } from "./search-terms.ts";

interface MessageSearchProps {
  /** The room that may be searched alone; left out: all are. */
  readonly room?: RoomListEntry;
  /** What is searched for now, as it stands in the address. */
  readonly query: string;
  readonly everywhere: boolean;
  readonly onSearch: (query: string, everywhere: boolean) => void;
}

/** Characters that naming a room adds to what was typed. */
const ROOM_FILTER = 20;

/** A field, how to use it, and what was found. */
export function MessageSearch({ room, query, everywhere, onSearch }: MessageSearchProps) {
  const { t } = useI18n();
  const { limits } = useProfile();
  const [asked, setAsked] = useState(query);
  const [shown, setShown] = useState(query);
  const help = useId();
  // The address went elsewhere: back, or by a link.
  if (shown !== query) {
    setShown(query);
    setAsked(query);
  }
  const inRoom = room !== undefined && !everywhere && !namesRooms(query);

  function submit(event: FormEvent): void {
    event.preventDefault();
    onSearch(asked.trim(), everywhere);
  }

  return (
    <>
      <search>
        <form className={styles.form} onSubmit={submit}>
          <div className={styles.field}>
            <Icon name="search" small />
            <input
              type="search"
              data-first-focus
              aria-label={t("search.title")}
              aria-describedby={help}
              placeholder={t("search.placeholder")}
              dir="auto"
              autoComplete="off"
              enterKeyHint="search"
              maxLength={limits.searchChars - ROOM_FILTER}
              value={asked}
              onChange={(event) => setAsked(event.target.value)}
            />
            <IconButton type="submit" icon="forward" size="small" label={t("search.go")} />
          </div>
          {room !== undefined && (
            <Choice
              legend={t("search.where")}
              options={[
                { value: "room", label: t("search.inRoom") },
                { value: "all", label: t("search.everywhere") },
              ]}
              value={everywhere ? "all" : "room"}
              onChoose={(where) => onSearch(asked.trim(), where === "all")}
            />
          )}
        </form>
      </search>
      <SearchHelp id={help} open={query === ""} />
      {query !== "" && (
        <SearchResults
          words={query}
          query={inRoom ? `${query} in:${room.number}` : query}
          apart={!inRoom}
          heading={room === undefined ? "h2" : "h3"}
        />
      )}
    </>
  );
}
