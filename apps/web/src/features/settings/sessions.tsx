import type { Session } from "@multichat/protocol";
import { useRef, useState } from "react";
import { Button } from "../../components/forms/button.tsx";
import { Problem } from "../../components/forms/field.tsx";
import { Icon } from "../../components/indicators/icon.tsx";
import { Tag } from "../../components/indicators/tag.tsx";
import { Panel } from "../../components/layout/page.tsx";
import { SkeletonLines } from "../../components/layout/skeleton.tsx";
import { accountApi } from "../../connection/account-api.ts";
import { useDescribeFailure } from "../../hooks/use-describe-failure.ts";
import { useLoaded } from "../../hooks/use-loaded.ts";
import { useI18n } from "../../i18n/i18n.ts";
import styles from "./settings.module.css";
import { describeUserAgent } from "./user-agent.ts";

/** Lists the user's sessions, and signs out others. */
export function Sessions() {
  const { t } = useI18n();
  const describe = useDescribeFailure();
  const { state, reload, update } = useLoaded(accountApi.listSessions);
  const [problem, setProblem] = useState<string>();
  const list = useRef<HTMLUListElement>(null);

  async function end(request: () => Promise<unknown>, isEnded: (session: Session) => boolean): Promise<void> {
    setProblem(undefined);
    try {
      await request();
      update((sessions) => sessions.filter((session) => !isEnded(session)));
      // The pressed button disappeared with its row.
      list.current?.focus();
    } catch (error) {
      setProblem(describe(error));
      reload();
    }
  }

  const hasOthers = state.kind === "loaded" && state.value.some((session) => !session.current);
  return (
    <Panel
      title={t("settings.sessions")}
      lead={t("settings.sessionsLead")}
      actions={
        hasOthers && (
          <Button size="small" onClick={() => void end(accountApi.endOtherSessions, (session) => !session.current)}>
            {t("sessions.endOthers")}
          </Button>
        )
      }
    >
      <Problem>{state.kind === "failed" ? describe(state.error) : problem}</Problem>
      {state.kind === "loading" && <SkeletonLines count={3} label={t("sessions.loading")} />}
      {state.kind === "failed" && (
        <Button size="small" icon="retry" onClick={reload}>
          {t("action.retry")}
        </Button>
      )}
      {state.kind === "loaded" && (
        <ul ref={list} className={styles.sessions} tabIndex={-1} aria-label={t("settings.sessions")}>
          {state.value.map((session) => (
            <SessionRow
              key={session.id}
              session={session}
              onEnd={() =>
                void end(
                  () => accountApi.endSession(session.id),
                  (other) => other.id === session.id,
                )
              }
            />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function SessionRow({ session, onEnd }: { readonly session: Session; readonly onEnd: () => void }) {
  const { t, dateTime } = useI18n();
  const name = describeUserAgent(session.userAgent) ?? t("sessions.unknown");
  return (
    <li className={styles.session}>
      <Icon name="device" />
      <div className={styles.names}>
        <span className={styles.name} dir="auto">
          {name}
        </span>
        <span className={styles.note}>
          {t("sessions.lastActive", { when: dateTime(session.lastSeenAt) })}
          {session.address !== null && ` · ${session.address}`}
        </span>
      </div>
      {session.current ? (
        <Tag variant="accent">{t("sessions.current")}</Tag>
      ) : (
        <Button size="small" onClick={onEnd} aria-label={t("sessions.endNamed", { name })}>
          {t("sessions.end")}
        </Button>
      )}
    </li>
  );
}
