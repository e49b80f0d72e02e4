import { useState } from "react";
import { Problem } from "../../components/forms/field.tsx";
import { Palette, type Target } from "../../components/overlays/palette.tsx";
import { useMe } from "../../hooks/use-chat.ts";
import { useFoundPeople } from "../../hooks/use-found-people.ts";
import { useOpenDirect } from "../../hooks/use-open-direct.ts";
import { useI18n } from "../../i18n/i18n.ts";
import styles from "./quick-switcher.module.css";

/** Everybody here, narrowed as one types: choosing somebody opens the conversation with them. */
export function NewDirect({ onClose }: { readonly onClose: () => void }) {
  const { t } = useI18n();
  const me = useMe();
  const [asked, setAsked] = useState("");
  const query = asked.trim().replace(/^@/, "");
  const { people, query: answered } = useFoundPeople(query);
  const open = useOpenDirect(onClose);
  const targets = people
    .filter(({ id }) => id !== me.id)
    .map(({ id, username }): Target => ({ key: id, icon: "people", name: username, go: () => open.run(id) }));
  return (
    <Palette
      title={t("direct.new")}
      label={t("direct.find")}
      asked={asked}
      onAsk={setAsked}
      targets={targets}
      nothing={answered === query ? t("direct.nobody", { asked }) : ""}
      hint={t("direct.hint")}
      onClose={onClose}
    >
      {open.problem !== undefined && (
        <div className={styles.problem}>
          <Problem>{open.problem}</Problem>
        </div>
      )}
    </Palette>
  );
}
