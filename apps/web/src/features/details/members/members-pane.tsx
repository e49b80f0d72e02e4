import type { Author, RoomListEntry } from "@multichat/protocol";
import { useMemo, useState } from "react";
import { Filter, foldedIncludes } from "../../../components/forms/filter.tsx";
import { SkeletonLines } from "../../../components/layout/skeleton.tsx";
import { chat } from "../../../connection/chat.ts";
import { useMe } from "../../../hooks/use-chat.ts";
import { useFoundPeople } from "../../../hooks/use-found-people.ts";
import { useI18n } from "../../../i18n/i18n.ts";
import { mayInvite } from "../../../policies/room-policy.ts";
import { useFramedStore } from "../../../state/store.ts";
import { BannedPeople } from "./banned-people.tsx";
import { MemberLine } from "./member-row.tsx";
import styles from "./members-pane.module.css";

interface MembersPaneProps {
  readonly room: RoomListEntry;
  /** Whom the address asks for. */
  readonly query: string;
}

/** Who is in the room; and by their names all the others, to be brought in or written to. */
export function MembersPane({ room, query }: MembersPaneProps) {
  const { t } = useI18n();
  const me = useMe();
  const { status, members, count } = useFramedStore(useMemo(() => chat.room(room.id).members, [room.id]));
  const [asked, setAsked] = useState(query);
  const [open, setOpen] = useState<string>();
  const name = asked.trim().replace(/^@/, "");
  const found = members.filter((member) => foldedIncludes(member.user.username, name));
  const others = useOthers(name, new Set(members.map((member) => member.user.id)));
  const toggle = (id: string) => setOpen((before) => (before === id ? undefined : id));
  // Somebody asked for by the address is shown at once with what can be done.
  const shown = (person: Author) =>
    open === person.id || (open === undefined && name === query && name === person.username);
  return (
    <>
      <Filter
        label={t(mayInvite(me, room) ? "members.findOrInvite" : "members.find")}
        value={asked}
        onChange={setAsked}
      />
      {members.length === 0 && status !== "live" && status !== "failed" && (
        <SkeletonLines count={6} label={t("members.loading")} />
      )}
      {status === "failed" && members.length === 0 && <p className={styles.note}>{t("members.failed")}</p>}
      {found.length > 0 && (
        <section>
          <h3 className={styles.heading}>{t("members.count", { count: name === "" ? count : found.length })}</h3>
          <ul className={styles.list}>
            {found.map((member) => (
              <MemberLine
                key={member.user.id}
                room={room}
                person={member.user}
                member={member}
                open={shown(member.user)}
                onToggle={() => toggle(member.user.id)}
              />
            ))}
          </ul>
          {name === "" && count > members.length && (
            <p className={styles.note}>{t("members.first", { shown: members.length })}</p>
          )}
        </section>
      )}
      {status === "live" && members.length === 0 && name === "" && <p className={styles.note}>{t("members.none")}</p>}
      {others.people.length > 0 && (
        <section>
          <h3 className={styles.heading}>{t(count > members.length ? "members.more" : "members.others")}</h3>
          <ul className={styles.list}>
            {others.people.map((person) => (
              <MemberLine
                key={person.id}
                room={room}
                person={person}
                member={undefined}
                open={shown(person)}
                onToggle={() => toggle(person.id)}
              />
            ))}
          </ul>
        </section>
      )}
      {name !== "" && found.length === 0 && others.people.length === 0 && others.query === name && (
        <p className={styles.note} role="status">
          {t("direct.nobody", { asked: name })}
        </p>
      )}
      <BannedPeople room={room} name={name} />
    </>
  );
}

/** People of this server with such names who are no members. */
function useOthers(name: string, members: ReadonlySet<string>): ReturnType<typeof useFoundPeople> {
  const { people, query } = useFoundPeople(name === "" ? undefined : name);
  return { people: people.filter((person) => !members.has(person.id)), query };
}
