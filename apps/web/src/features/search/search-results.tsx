import { CommandError } from "@multichat/client";
import type { SearchHit } from "@multichat/protocol";
import { Fragment, useMemo } from "react";
import { Link } from "wouter";
import { Button } from "../../components/forms/button.tsx";
import { Problem } from "../../components/forms/field.tsx";
import { Avatar } from "../../components/indicators/avatar.tsx";
import { SkeletonLines } from "../../components/layout/skeleton.tsx";
import { useMe, useRooms } from "../../hooks/use-chat.ts";
import { useDescribeFailure } from "../../hooks/use-describe-failure.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { hideSpoilers, summarizeMessage } from "../../markup/plain-text.ts";
import { getMessageHref, useRoomNavigation } from "../../navigation/room-navigation.ts";
import { getRoomName } from "../../state/room-name.ts";
import { groupByRoom } from "./group-by-room.ts";
import styles from "./search-results.module.css";
import { createExcerpt, highlightMatches } from "./search-terms.ts";
import { useSearch } from "./use-search.ts";

interface SearchResultsProps {
  /** The typed query, whose terms are highlighted. */
  readonly terms: string;
  /** The query that is sent to the server. */
  readonly query: string;
  /** Names the room of each group of results. */
  readonly showRooms: boolean;
  /** The level below the heading above. */
  readonly heading: "h2" | "h3";
}

export function SearchResults({ terms, query, showRooms, heading }: SearchResultsProps) {
  const { t } = useI18n();
  const describe = useDescribeFailure();
  const { results, state, error, hasMore, isBehind, loadMore } = useSearch(query);
  const groups = useMemo(() => groupByRoom(results), [results]);
  return (
    <div className={styles.results}>
      <Problem>{state === "failed" ? describe(error) : undefined}</Problem>
      {state === "searching" && <SkeletonLines count={6} label={t("search.searching")} />}
      <p className={styles.count} role="status">
        {state === "done" &&
          (results.length === 0
            ? t("search.noResults")
            : t(hasMore ? "search.countMore" : "search.count", { count: results.length }))}
      </p>
      {state === "done" && results.length === 0 && <p className={styles.advice}>{t("search.noResultsLead")}</p>}
      {state === "done" && isBehind && <p className={styles.advice}>{t("search.behind")}</p>}
      {groups.map((group) => (
        <section key={group.results[0]?.message.id}>
          {showRooms && <RoomHeading group={group} as={heading} />}
          <ul className={styles.list}>
            {group.results.map((hit) => (
              <SearchResult key={hit.message.id} hit={hit} words={terms} />
            ))}
          </ul>
        </section>
      ))}
      {(hasMore || state === "more") && (
        <Button busy={state === "more"} onClick={loadMore}>
          {t("search.more")}
        </Button>
      )}
      {state === "failed" && !hasMore && !isInvalidQuery(error) && (
        <Button icon="retry" onClick={loadMore}>
          {t("action.retry")}
        </Button>
      )}
    </div>
  );
}

/** An invalid query would fail again, so no retry is offered. */
function isInvalidQuery(error: unknown): boolean {
  return error instanceof CommandError && error.code === "SEARCH_INVALID";
}

interface RoomHeadingProps {
  readonly group: { readonly room: SearchHit["room"] };
  readonly as: SearchResultsProps["heading"];
}

function RoomHeading({ group, as: Heading }: RoomHeadingProps) {
  const { t } = useI18n();
  const me = useMe();
  const { rooms } = useRooms();
  // A direct conversation has no title, and the result does not contain its people.
  const entry = rooms.find((room) => room.id === group.room.id);
  const name = entry === undefined ? group.room.title : getRoomName(entry, me.id);
  return (
    <Heading className={styles.room}>
      {entry?.kind === "direct" ? t("search.with", { name }) : <bdi>{name}</bdi>}
    </Heading>
  );
}

function SearchResult({ hit, words }: { readonly hit: SearchHit; readonly words: string }) {
  const { dateTime } = useI18n();
  const { columns } = useRoomNavigation();
  const { message, room } = hit;
  const pieces = useMemo(
    () =>
      createExcerpt(
        highlightMatches(message.body === "" ? summarizeMessage(message) : hideSpoilers(message.body), words),
      ),
    [message, words],
  );
  return (
    <li>
      <Link href={getMessageHref(columns, room.number, message.seq)} className={styles.result}>
        <span className={styles.header}>
          {message.author !== null && <Avatar id={message.author.id} name={message.author.username} small />}
          {message.author !== null && (
            <span className={styles.author} dir="auto">
              {message.author.username}
            </span>
          )}
          <time className={styles.time} dateTime={new Date(message.createdAt).toISOString()}>
            {dateTime(message.createdAt)}
          </time>
        </span>
        <span className={styles.text} dir="auto">
          {pieces.map((piece, index) =>
            piece.isMatch ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never move.
              <mark key={index}>{piece.text}</mark>
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a text never move.
              <Fragment key={index}>{piece.text}</Fragment>
            ),
          )}
        </span>
      </Link>
    </li>
  );
}
