import type { OutboxMessage } from "@multichat/client";
import type { Message, QuotedMessage } from "@multichat/protocol";
import { type MouseEvent, type ReactNode, useState } from "react";
import { Avatar } from "../../components/indicators/avatar.tsx";
import { useI18n } from "../../i18n/i18n.ts";
import { formatRoomAddress } from "../../navigation/columns.ts";
import { goToMessage, openPane } from "../../navigation/room-navigation.ts";
import { getMessagePermissions, hasAnyPermission } from "../../policies/message-policy.ts";
import { useCanHover } from "../../state/media.ts";
import { useConversation } from "./conversation-context.ts";
import styles from "./message-row.module.css";
import { MessageToolbar, TouchToolbar } from "./message-toolbar.tsx";
import { Quote } from "./quote.tsx";

interface RowFrameProps {
  readonly id: string;
  readonly name: string;
  readonly at: number;
  readonly isOwn: boolean;
  readonly startsGroup: boolean;
  readonly state?: OutboxMessage["state"];
  readonly quoted: QuotedMessage | null;
  readonly highlighted?: boolean;
  readonly children: ReactNode;
  /** The message, once it is one: it has an address, and something can be done with it. */
  readonly message?: Message;
  /** Its menu is open. */
  readonly open?: boolean;
  /** It is being edited in the composer. */
  readonly editing?: boolean;
}

/** What posted and pending messages have in common: who, when, what is answered, and the place of the text. */
export function RowFrame(props: RowFrameProps) {
  const {
    id,
    name,
    at,
    isOwn,
    startsGroup,
    state,
    quoted,
    highlighted,
    children,
    message,
    open = false,
    editing,
  } = props;
  const { t } = useI18n();
  const { number } = useConversation();
  const actions = useRowActions(message, open);
  const time = <MessageTime at={at} seq={message?.seq} number={number} inTabOrder={startsGroup} />;
  return (
    <article
      className={styles.row}
      data-own={isOwn || undefined}
      data-head={startsGroup || undefined}
      data-marked={highlighted || undefined}
      data-editing={editing || undefined}
      data-open={open || undefined}
      data-state={state}
      {...actions.row}
    >
      <div className={styles.gutter}>{startsGroup ? <Avatar id={id} name={name} /> : time}</div>
      <div className={styles.content}>
        {startsGroup && (
          <header className={styles.header}>
            <button
              type="button"
              className={styles.author}
              // One stop a group is enough, which is its time; people are found by their names, too.
              tabIndex={-1}
              onClick={() => openPane(number, { name: "members", query: name })}
            >
              <bdi>{name}</bdi>
            </button>
            {isOwn && <span className={styles.you}>{t("message.you")}</span>}
            {time}
          </header>
        )}
        {quoted !== null && <Quote quoted={quoted} number={number} />}
        {children}
      </div>
      {actions.toolbar}
    </article>
  );
}

interface RowActions {
  /** What the row listens to, and what it can be found by. */
  readonly row: Partial<React.HTMLAttributes<HTMLElement>> & { readonly "data-message"?: string };
  readonly toolbar: ReactNode;
}

/** What can be done with a message: offered where one points or where the focus is; by a long press where fingers point. */
export function useRowActions(message: Message | undefined, open: boolean): RowActions {
  const { roomPermissions, openPopup } = useConversation();
  const canHover = useCanHover();
  const [hovered, setHovered] = useState(false);
  const [focused, setFocused] = useState(false);
  if (message === undefined) return { row: {}, toolbar: null };

  const permissions = getMessagePermissions(message, roomPermissions);
  const hasActions = hasAnyPermission(permissions);
  const showToolbar = focused || open || (hovered && canHover);
  const toolbar = !hasActions ? null : showToolbar ? (
    <MessageToolbar message={message} permissions={permissions} open={open} />
  ) : canHover ? null : (
    <TouchToolbar message={message} open={open} />
  );
  return {
    toolbar,
    row: {
      "data-message": message.id,
      tabIndex: -1,
      // Not only when it enters: a row can come to be where the pointer already is.
      onPointerOver: (event) => setHovered(event.pointerType !== "touch"),
      onPointerLeave: () => setHovered(false),
      onFocus: (event) => setFocused(event.target.matches(":focus-visible")),
      onBlur: (event) => setFocused(event.currentTarget.contains(event.relatedTarget)),
      onContextMenu: (event: MouseEvent<HTMLElement>) => {
        // With a mouse the browser's own menu is of more use: it copies, and opens links.
        if (!hasActions || !isTouch(event.nativeEvent)) return;
        event.preventDefault();
        openPopup(message, "menu", event.currentTarget);
      },
    },
  };
}

function isTouch(event: globalThis.MouseEvent): boolean {
  return event instanceof PointerEvent && event.pointerType === "touch";
}

interface MessageTimeProps {
  readonly at: number;
  readonly number: number;
  /** undefined: it has no address yet. */
  readonly seq: number | undefined;
  /** Of a group: the one that the Tab key stops at. */
  readonly inTabOrder: boolean;
}

/** When it was written, as a link to it. */
function MessageTime({ at, seq, number, inTabOrder }: MessageTimeProps) {
  const { t, time, dateTime } = useI18n();
  const element = (
    <time
      className={styles.time}
      dateTime={new Date(at).toISOString()}
      // Written out when somebody asks: it is not cheap, and there are many.
      onPointerEnter={({ currentTarget }) => {
        currentTarget.title = dateTime(at);
      }}
    >
      {time(at)}
    </time>
  );
  if (seq === undefined) return element;
  return (
    <a
      href={formatRoomAddress({ open: [number], active: number, seq })}
      className={styles.link}
      aria-label={t("message.link", { when: time(at) })}
      tabIndex={inTabOrder ? 0 : -1}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        goToMessage(number, seq);
      }}
    >
      {element}
    </a>
  );
}
