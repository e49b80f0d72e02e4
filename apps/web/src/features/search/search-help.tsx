import type { Key } from "../../i18n/catalogue.ts";
import { useI18n } from "../../i18n/i18n.ts";
import styles from "./search-help.module.css";

const OPERATORS = [
  { looks: "soup wheel", does: "search.help.words" },
  { looks: '"green wheel"', does: "search.help.phrase" },
  { looks: "bicyc*", does: "search.help.prefix" },
  { looks: "from:alice", does: "search.help.from" },
  { looks: 'in:General in:"The hall"', does: "search.help.in" },
  { looks: "after:2026-01-01 before:2026-02-01", does: "search.help.dates" },
] as const satisfies readonly { readonly looks: string; readonly does: Key }[];

/** Explains the search operators. @param open expanded while nothing is searched for */
export function SearchHelp({ id, open }: { readonly id: string; readonly open: boolean }) {
  const { t } = useI18n();
  return (
    <details key={String(open)} className={styles.help} open={open}>
      <summary id={id}>{t("search.help")}</summary>
      <dl>
        {OPERATORS.map(({ looks, does }) => (
          <div key={does}>
            <dt dir="ltr">{looks}</dt>
            <dd>{t(does)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
