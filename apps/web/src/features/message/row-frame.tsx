import type { OutboxMessage } from "@multichat/client";
import type { Message, QuotedMessage } from "@multichat/protocol";
import { type MouseEvent, type ReactNode, useState } from "react";
import { Avatar } from "../../components/indicators/avatar.tsx";
import { useI18n } from "../../i18n/i18n.ts";
import { addressOf } from "../../navigation/columns.ts";
import { goToMessage, openPane } from "../../navigation/room-navigation.ts";
import { offersAnything, rightsOf } from "../../policies/message-policy.ts";
import { useHover } from "../../state/media.ts";
import { usePlace } from "./conversation-context.ts";
import styles from "./message-row.module.css";
import { MessageToolbar, TouchToolbar } from "./message-toolbar.tsx";
import { Quote } from "./quote.tsx";

interface RowFrameProps {
  readonly id: string;
  readonly name: string;
  readonly at: number;
  readonly own: boolean;
  readonly head: boolean;
  readonly state?: OutboxMessage["state"];
  readonly quoted: QuotedMessage | null;
  readonly marked?: boolean;
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
  const { id, name, at, own, head, state, quoted, marked, children, message, open = false, editing } = props;
  const { t } = useI18n();
  const { number } = usePlace();
  const actions = useActions(message, open);
  const clock = <Clock at={at} seq={message?.seq} number={number} first={head} />;
  return (
    <article
      className={styles.row}
      data-own={own || undefined}
      data-head={head || undefined}
      data-marked={marked || undefined}
      data-editing={editing || undefined}
      data-open={open || undefined}
      data-state={state}
      {...actions.row}
    >
      <div className={styles.gutter}>{head ? <Avatar id={id} name={name} /> : clock}</div>
      <div className={styles.content}>
        {head && (
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
            {own && <span className={styles.you}>{t("message.you")}</span>}
            {clock}
          </header>
        )}
        {quoted !== null && <Quote quoted={quoted} number={number} />}
        {children}
      </div>
      {actions.toolbar}
    </article>
  );
}

interface Actions {
  /** What the row listens to, and what it can be found by. */
  readonly row: Partial<React.HTMLAttributes<HTMLElement>> & { readonly "data-message"?: string };
  readonly toolbar: ReactNode;
}

/** What can be done with a message: offered where one points or where the focus is; by a long press where fingers point. */
export function useActions(message: Message | undefined, open: boolean): Actions {
  const { rights, open: openBeside } = usePlace();
  const hovers = useHover();
  const [pointed, setPointed] = useState(false);
  const [focused, setFocused] = useState(false);
  if (message === undefined) return { row: {}, toolbar: null };

  const may = rightsOf(message, rights);
  const offered = offersAnything(may);
  const near = focused || open || (pointed && hovers);
  const toolbar = !offered ? null : near ? (
    <MessageToolbar message={message} may={may} open={open} />
  ) : hovers ? null : (
    <TouchToolbar message={message} open={open} />
  );
  return {
    toolbar,
    row: {
      "data-message": message.id,
      tabIndex: -1,
      // Not only when it enters: a row can come to be where the pointer already is.
      onPointerOver: (event) => setPointed(event.pointerType !== "touch"),
      onPointerLeave: () => setPointed(false),
      onFocus: (event) => setFocused(event.target.matches(":focus-visible")),
      onBlur: (event) => setFocused(event.currentTarget.contains(event.relatedTarget)),
      onContextMenu: (event: MouseEvent<HTMLElement>) => {
        // With a mouse the browser's own menu is of more use: it copies, and opens links.
        if (!offered || !isTouch(event.nativeEvent)) return;
        event.preventDefault();
        openBeside(message, "menu", event.currentTarget);
      },
    },
  };
}

function isTouch(event: globalThis.MouseEvent): boolean {
  return event instanceof PointerEvent && event.pointerType === "touch";
}

interface ClockProps {
  readonly at: number;
  readonly number: number;
  /** undefined: it has no address yet. */
  readonly seq: number | undefined;
  /** Of a group: the one that the Tab key stops at. */
  readonly first: boolean;
}

/** When it was written, as a link to it. */
function Clock({ at, seq, number, first }: ClockProps) {
  const { t, time, moment } = useI18n();
  const written = (
    <time
      className={styles.time}
      dateTime={new Date(at).toISOString()}
      // Written out when somebody asks: it is not cheap, and there are many.
      onPointerEnter={({ currentTarget }) => {
        currentTarget.title = moment(at);
      }}
    >
      {time(at)}
    </time>
  );
  if (seq === undefined) return written;
  return (
    <a
      href={addressOf({ open: [number], active: number, seq })}
      className={styles.link}
      aria-label={t("message.link", { when: time(at) })}
      tabIndex={first ? 0 : -1}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
        event.preventDefault();
        goToMessage(number, seq);
      }}
    >
      {written}
    </a>
  );
}
