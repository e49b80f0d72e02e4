import type { Settings } from "@multichat/protocol";
import { ALL_MENTIONERS, HISTORY_READERS, ROOM_CREATORS } from "@multichat/protocol";
import { useState } from "react";
import { Button } from "../../components/forms/button.tsx";
import { Problem, RadioGroup } from "../../components/forms/field.tsx";
import { Page, Panel } from "../../components/layout/page.tsx";
import { SkeletonLines } from "../../components/layout/skeleton.tsx";
import { serverApi } from "../../connection/server-api.ts";
import { useDescribeFailure } from "../../hooks/use-describe-failure.ts";
import { useLoaded } from "../../hooks/use-loaded.ts";
import { useI18n } from "../../i18n/i18n.ts";
import { refreshSession } from "../../state/session.ts";
import { AdminTabs } from "./admin-tabs.tsx";

/** The settings of the server. Each change applies at once. */
export function ServerPage() {
  const { t } = useI18n();
  const describe = useDescribeFailure();
  const { state, reload, update } = useLoaded(serverApi.getSettings);
  const [problem, setProblem] = useState<string>();

  async function change(changes: Partial<Settings>): Promise<void> {
    setProblem(undefined);
    try {
      const changed = await serverApi.changeSettings(changes);
      update(() => changed);
      await refreshSession();
    } catch (error) {
      setProblem(describe(error));
    }
  }

  return (
    <Page title={t("admin.title")} tabs={<AdminTabs />}>
      <Panel title={t("admin.settings")} lead={t("admin.settingsLead")}>
        <Problem>{state.kind === "failed" ? describe(state.error) : problem}</Problem>
        {state.kind === "loading" && <SkeletonLines count={2} label={t("admin.loadingSettings")} />}
        {state.kind === "failed" && (
          <Button icon="retry" onClick={reload}>
            {t("action.retry")}
          </Button>
        )}
        {state.kind === "loaded" && (
          <>
            <RadioGroup
              legend={t("admin.roomCreators")}
              options={ROOM_CREATORS.map((value) => ({ value, label: t(`admin.roomCreators.${value}`) }))}
              value={state.value.roomCreators}
              onChoose={(roomCreators) => void change({ roomCreators })}
            />
            <RadioGroup
              legend={t("admin.allMentioners")}
              options={ALL_MENTIONERS.map((value) => ({ value, label: t(`admin.allMentioners.${value}`) }))}
              value={state.value.allMentioners}
              onChoose={(allMentioners) => void change({ allMentioners })}
            />
            <RadioGroup
              legend={t("admin.historyReaders")}
              options={HISTORY_READERS.map((value) => ({ value, label: t(`admin.historyReaders.${value}`) }))}
              value={state.value.historyReaders}
              onChoose={(historyReaders) => void change({ historyReaders })}
            />
          </>
        )}
      </Panel>
    </Page>
  );
}
