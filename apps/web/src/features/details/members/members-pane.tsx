import type { Author, RoomListEntry } from "@multichat/protocol";
import { useMemo, useState } from "react";
import { FilterField, includesIgnoringCase } from "../../../components/forms/filter.tsx";
import { SkeletonLines } from "../../../components/layout/skeleton.tsx";
import { chat } from "../../../connection/chat.ts";
import { useMe } from "../../../hooks/use-chat.ts";
import { useFoundPeople } from "../../../hooks/use-found-people.ts";
import { useI18n } from "../../../i18n/i18n.ts";
import { canInvite } from "../../../policies/room-policy.ts";
import { useThrottledStore } from "../../../state/store.ts";
import { BannedPeople } from "./banned-people.tsx";
import { MemberRow } from "./member-row.tsx";
import styles from "./members-pane.module.css";

interface MembersPaneProps {
  readonly room: RoomListEntry;
  /** The name in the address. */
  readonly query: string;
}

/** The members of the room and, when searched by name, other people to invite or to message. */
export function MembersPane({ room, query }: MembersPaneProps) {
  const { t } = useI18n();
  const me = useMe();
  const { status, members, count } = useThrottledStore(useMemo(() => chat.room(room.id).members, [room.id]));
  const [filter, setFilter] = useState(query);
  const [expandedId, setExpandedId] = useState<string>();
  const name = filter.trim().replace(/^@/, "");
  const matches = members.filter((member) => includesIgnoringCase(member.user.username, name));
  const others = useNonMembers(name, new Set(members.map((member) => member.user.id)));
  const toggle = (id: string) => setExpandedId((previous) => (previous === id ? undefined : id));
  // The person named by the address is expanded at once.
  const isExpanded = (person: Author) =>
    expandedId === person.id || (expandedId === undefined && name === query && name === person.username);
  return (
    <>
      <FilterField
        label={t(canInvite(me, room) ? "members.findOrInvite" : "members.find")}
        value={filter}
        onChange={setFilter}
      />
      {members.length === 0 && status !== "live" && status !== "failed" && (
        <SkeletonLines count={6} label={t("members.loading")} />
      )}
      {status === "failed" && members.length === 0 && <p className={styles.note}>{t("members.failed")}</p>}
      {matches.length > 0 && (
        <section>
          <h3 className={styles.heading}>{t("members.count", { count: name === "" ? count : matches.length })}</h3>
          <ul className={styles.list}>
            {matches.map((member) => (
              <MemberRow
                key={member.user.id}
                room={room}
                person={member.user}
                member={member}
                open={isExpanded(member.user)}
                onToggle={() => toggle(member.user.id)}
              />
            ))}
          </ul>
          {name === "" && count > members.length && (
            <p className={styles.note}>{t("members.truncated", { shown: members.length })}</p>
          )}
        </section>
      )}
      {status === "live" && members.length === 0 && name === "" && <p className={styles.note}>{t("members.empty")}</p>}
      {others.people.length > 0 && (
        <section>
          <h3 className={styles.heading}>{t(count > members.length ? "members.otherPeople" : "members.nonMembers")}</h3>
          <ul className={styles.list}>
            {others.people.map((person) => (
              <MemberRow
                key={person.id}
                room={room}
                person={person}
                member={undefined}
                open={isExpanded(person)}
                onToggle={() => toggle(person.id)}
              />
            ))}
          </ul>
        </section>
      )}
      {name !== "" && matches.length === 0 && others.people.length === 0 && others.query === name && (
        <p className={styles.note} role="status">
          {t("people.noResults", { query: name })}
        </p>
      )}
      <BannedPeople room={room} nameFilter={name} />
    </>
  );
}

/** Finds people of this server by name who are not members. */
function useNonMembers(name: string, memberIds: ReadonlySet<string>): ReturnType<typeof useFoundPeople> {
  const { people, query } = useFoundPeople(name === "" ? undefined : name);
  return { people: people.filter((person) => !memberIds.has(person.id)), query };
}
