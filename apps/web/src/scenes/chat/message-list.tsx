import type { RoomSnapshot } from "@multichat/client";
import type { RoomListEntry } from "@multichat/protocol";
import {
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { Button } from "../../components/button.tsx";
import { chat } from "../../connection/chat.ts";
import { useMe } from "../../stores/chat.ts";
import { useI18n } from "../../stores/i18n/i18n.ts";
import { usePreferences } from "../../stores/preferences.ts";
import { Announcer } from "./announcer.tsx";
import { useAttention } from "./attention.ts";
import { Beginning } from "./beginning.tsx";
import styles from "./message-list.module.css";
import { useNewLine } from "./new-line.ts";
import { RowView } from "./row-view.tsx";
import { makeRows, type Row, type RowCache } from "./rows.ts";
import { useStagedRows } from "./staged-rows.ts";

export interface MessageListHandle {
  readonly toNewest: () => void;
}

interface MessageListProps {
  readonly room: RoomListEntry;
  readonly snapshot: RoomSnapshot;
  readonly alone: boolean;
  /** Esc in the list: the newest is shown, and the keys go elsewhere. */
  readonly onEscape: () => void;
  readonly ref?: Ref<MessageListHandle>;
}

/** This near to the end counts as at the end, in pixels. */
const AT_END = 48;
/** This near to the beginning, the page before is fetched, in pixels. */
const NEAR_BEGINNING = 800;

const NO_NOTICES: RoomSnapshot["notices"] = [];

export function MessageList({ room, snapshot, alone, onEscape, ref }: MessageListProps) {
  const { t } = useI18n();
  const me = useMe();
  const { comings } = usePreferences();
  const attentive = useAttention();
  const newLine = useNewLine(snapshot, attentive);
  const { items, hasBefore, loadingBefore, lastSeq, readSeq, status } = snapshot;
  const notices = comings ? snapshot.notices : NO_NOTICES;

  const [cache] = useState<RowCache>(() => new WeakMap());
  const wanted = useMemo(
    () => makeRows(items, { me: me.id, newAfter: newLine.after, hasBefore, notices }, cache),
    [items, me.id, newLine.after, hasBefore, notices, cache],
  );
  const { rows, shift } = useStagedRows(wanted);

  const scroller = useRef<HTMLDivElement>(null);
  const list = useRef<VirtualizerHandle>(null);
  // Whether the end is held: the reference for what happens between frames, the state for what is drawn.
  const held = useRef(true);
  const [atEnd, setAtEnd] = useState(true);
  const landed = useRef(false);

  const hold = useCallback((yes: boolean) => {
    held.current = yes;
    setAtEnd(yes);
  }, []);

  const last = rows.length - 1;
  const toEnd = useCallback(() => {
    list.current?.scrollToIndex(last, { align: "end" });
  }, [last]);

  const toNewest = useCallback(() => {
    chat.room(room.id).lookAt(null);
    hold(true);
    toEnd();
  }, [room.id, hold, toEnd]);

  useImperativeHandle(
    ref,
    () => ({
      toNewest() {
        newLine.clear();
        toNewest();
      },
    }),
    [newLine.clear, toNewest],
  );

  // Coming in: at the first unread, else at the newest. After that the end is held for as long as one is there.
  const newAt = rows.findIndex((row) => row.kind === "new");
  useLayoutEffect(() => {
    if (last < 0) return;
    if (!landed.current) {
      landed.current = true;
      if (newAt > 0) {
        list.current?.scrollToIndex(newAt, { align: "start", offset: -96 });
        return;
      }
    }
    if (held.current) toEnd();
  }, [last, newAt, toEnd]);

  const loadBefore = useCallback(() => {
    // What went wrong shows in the banner; the next scroll tries again.
    chat
      .room(room.id)
      .loadBefore()
      .catch(() => {});
  }, [room.id]);

  function onScroll(offset: number): void {
    const handle = list.current;
    if (handle === null) return;
    const end = handle.scrollSize - offset - handle.viewportSize < AT_END;
    if (end !== held.current) hold(end);
    if (offset < NEAR_BEGINNING && hasBefore && !loadingBefore && landed.current && status === "live") {
      lookHere();
      loadBefore();
    }
  }

  /** Tells the room which part of it is on the screen, so that it keeps that one in memory. */
  function lookHere(): void {
    const handle = list.current;
    if (handle === null) return;
    const row = held.current ? undefined : rows[handle.findItemIndex(handle.scrollOffset + handle.viewportSize / 2)];
    chat.room(room.id).lookAt(row === undefined ? null : seqOf(row));
  }

  // A first page that does not fill the screen cannot be scrolled: the next one is fetched without.
  useEffect(() => {
    const handle = list.current;
    if (handle === null || status !== "live" || !hasBefore || loadingBefore || last < 0) return;
    if (handle.viewportSize > 0 && handle.scrollSize <= handle.viewportSize) loadBefore();
  }, [status, hasBefore, loadingBefore, last, loadBefore]);

  useEffect(() => {
    if (attentive && atEnd && status === "live" && lastSeq > readSeq) chat.room(room.id).markRead(lastSeq);
  }, [attentive, atEnd, status, lastSeq, readSeq, room.id]);

  return (
    <div className={styles.place}>
      <div
        ref={scroller}
        className={styles.scroller}
        role="log"
        aria-label={t("room.log", { room: room.title })}
        aria-live="off"
        aria-busy={loadingBefore}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
        tabIndex={0}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          newLine.clear();
          toNewest();
          onEscape();
        }}
      >
        <div className={styles.filler} />
        <Virtualizer
          ref={list}
          scrollRef={scroller}
          data={rows}
          shift={shift}
          bufferSize={600}
          onScroll={onScroll}
          onScrollEnd={lookHere}
          onResize={() => {
            if (held.current) toEnd();
          }}
        >
          {(row) =>
            row.kind === "beginning" ? (
              <Beginning key={row.key} room={room} empty={row.empty} />
            ) : (
              <RowView key={row.key} row={row} room={room.id} />
            )
          }
        </Virtualizer>
      </div>
      {!atEnd && (
        <div className={styles.jump}>
          <Button size="small" icon="down" onClick={toNewest}>
            {room.unread > 0 ? t("room.jumpUnread", { count: room.unread }) : t("room.jump")}
          </Button>
        </div>
      )}
      <Announcer items={items} lastSeq={lastSeq} live={status === "live"} room={alone ? undefined : room.title} />
    </div>
  );
}

function seqOf(row: Row): number | null {
  switch (row.kind) {
    case "message":
      return row.message.seq;
    case "gap":
      return row.gap.after;
    case "coming":
      return row.notice.afterSeq;
    default:
      return null;
  }
}
