import { normalizeName } from "@multichat/protocol/markup";
import { useState } from "react";
import { Problem } from "../../components/forms/field.tsx";
import { Palette, type PaletteItem } from "../../components/overlays/palette.tsx";
import { useMe } from "../../hooks/use-chat.ts";
import { useFoundPeople } from "../../hooks/use-found-people.ts";
import { useOpenDirect } from "../../hooks/use-open-direct.ts";
import { useI18n } from "../../i18n/i18n.ts";
import styles from "./quick-switcher.module.css";

/** Finds people by name; choosing one opens the direct conversation with them. */
export function NewDirectConversation({ onClose }: { readonly onClose: () => void }) {
  const { t } = useI18n();
  const me = useMe();
  const [input, setInput] = useState("");
  const query = input.trim().replace(/^@/, "");
  const { people, query: answeredQuery } = useFoundPeople(query);
  const open = useOpenDirect(onClose);
  const key = normalizeName(query);
  const isPending = answeredQuery !== query;
  const targets = people
    .filter(({ id, username }) => id !== me.id && normalizeName(username).startsWith(key))
    .map(({ id, username }): PaletteItem => ({ key: id, icon: "people", name: username, choose: () => open.run(id) }));
  return (
    <Palette
      title={t("direct.new")}
      label={t("direct.search")}
      query={input}
      onQueryChange={setInput}
      items={targets}
      isPending={isPending}
      emptyText={isPending ? "" : t("people.noResults", { query: input })}
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
