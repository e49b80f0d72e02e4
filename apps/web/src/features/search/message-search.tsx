import type { RoomListEntry } from "@multichat/protocol";
import { type FormEvent, useId, useState } from "react";
import { IconButton } from "../../components/forms/button.tsx";
import { limitChars } from "../../components/forms/char-limit.ts";
import { RadioGroup } from "../../components/forms/field.tsx";
import { Icon } from "../../components/indicators/icon.tsx";
import { useProfile } from "../../hooks/use-chat.ts";
import { useI18n } from "../../i18n/i18n.ts";
import styles from "./message-search.module.css";
import { SearchHelp } from "./search-help.tsx";
import { SearchResults } from "./search-results.tsx";
import { hasRoomFilter } from "./search-terms.ts";

interface MessageSearchProps {
  /** The room that the search can be limited to; without it all rooms are searched. */
  readonly room?: RoomListEntry;
  /** The query in the address. */
  readonly query: string;
  readonly inAllRooms: boolean;
  readonly onSearch: (query: string, options: { readonly inAllRooms: boolean }) => void;
}

/** Reserved for the room filter that is added to the typed query. */
const ROOM_FILTER_CHARS = 20;

/** The search field, its help and the results. */
export function MessageSearch({ room, query, inAllRooms, onSearch }: MessageSearchProps) {
  const { t } = useI18n();
  const { limits } = useProfile();
  const [draft, setDraft] = useState(query);
  const [lastQuery, setLastQuery] = useState(query);
  const helpId = useId();
  // The address changed through the history or a link.
  if (lastQuery !== query) {
    setLastQuery(query);
    setDraft(query);
  }
  const limitToRoom = room !== undefined && !inAllRooms && !hasRoomFilter(query);

  function submit(event: FormEvent): void {
    event.preventDefault();
    onSearch(draft.trim().normalize("NFC"), { inAllRooms });
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
              aria-describedby={helpId}
              placeholder={t("search.placeholder")}
              dir={draft === "" ? undefined : "auto"}
              autoComplete="off"
              enterKeyHint="search"
              value={draft}
              {...limitChars(limits.searchChars - ROOM_FILTER_CHARS, (event) => setDraft(event.target.value))}
            />
            <IconButton type="submit" icon="forward" size="small" label={t("search.submit")} />
          </div>
          {room !== undefined && (
            <RadioGroup
              legend={t("search.where")}
              options={[
                { value: "room", label: t("search.inRoom") },
                { value: "all", label: t("search.everywhere") },
              ]}
              value={inAllRooms ? "all" : "room"}
              onChoose={(where) => onSearch(draft.trim(), { inAllRooms: where === "all" })}
            />
          )}
        </form>
      </search>
      <SearchHelp id={helpId} open={query === ""} />
      {query !== "" && (
        <SearchResults
          terms={query}
          query={limitToRoom ? `${query} in:${room.number}` : query}
          showRooms={!limitToRoom}
          heading={room === undefined ? "h2" : "h3"}
        />
      )}
    </>
  );
}
