import type { ConnectionState } from "@multichat/client";
import { useEffect, useState } from "react";
import { Button } from "../components/forms/button.tsx";
import { chat } from "../connection/chat.ts";
import { useConnection, useOutbox } from "../hooks/use-chat.ts";
import { type I18n, useI18n } from "../i18n/i18n.ts";
import styles from "./connection-banner.module.css";

/** Shows the state of the connection, the time until the next attempt and the number of unsent messages. */
export function ConnectionBanner() {
  const i18n = useI18n();
  const { t } = i18n;
  const state = useConnection();
  const pendingCount = useOutbox().filter((message) => message.state === "pending").length;
  const text = describeConnection(state, i18n);
  return (
    <div className={styles.container} role="status">
      {text !== undefined && (
        <div className={styles.banner} data-phase={state.phase}>
          <span className={styles.dot} />
          <span>
            {text}
            {state.phase === "waiting" && <NextAttempt until={state.until} />}
            {pendingCount > 0 && (
              <span className={styles.outbox}> {t("connection.unsent", { count: pendingCount })}</span>
            )}
          </span>
          {state.phase === "waiting" && (
            <Button size="small" variant="quiet" onClick={() => chat.connect()}>
              {t("connection.retryNow")}
            </Button>
          )}
          {state.phase === "refused" && state.code === "protocol" && (
            <Button size="small" variant="quiet" onClick={() => location.reload()}>
              {t("action.reload")}
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

function describeConnection(state: ConnectionState, { t }: I18n): string | undefined {
  switch (state.phase) {
    case "idle":
    case "open":
      return undefined;
    case "connecting":
      return t(state.attempt > 1 ? "connection.reconnecting" : "connection.connecting");
    case "offline":
      return t("connection.offline");
    case "waiting":
      return t(`connection.${state.reason}`);
    case "refused":
      return state.code === "protocol" ? t("connection.protocol") : undefined;
  }
}

/** A component of its own, so that only these characters rerender. Hidden from screen readers, which would read it every second. */
function NextAttempt({ until }: { readonly until: number }) {
  const { t } = useI18n();
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.ceil((until - now) / 1000));
  return <span aria-hidden="true"> {t("connection.nextAttempt", { count: seconds })}</span>;
}
