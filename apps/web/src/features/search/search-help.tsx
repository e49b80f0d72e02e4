import type { Key } from "../../i18n/catalogue.ts";
import { useI18n } from "../../i18n/i18n.ts";
import styles from "./search-help.module.css";

const OPERATORS = [
  { example: "soup wheel", text: "search.help.words" },
  { example: '"green wheel"', text: "search.help.phrase" },
  { example: "bicyc*", text: "search.help.prefix" },
  { example: "from:alice", text: "search.help.from" },
  { example: 'in:General in:"The hall"', text: "search.help.in" },
  { example: "after:2026-01-01 before:2026-02-01", text: "search.help.dates" },
] as const satisfies readonly { readonly example: string; readonly text: Key }[];

/** Explains the search operators. @param open expanded while nothing is searched for */
export function SearchHelp({ id, open }: { readonly id: string; readonly open: boolean }) {
  const { t } = useI18n();
  return (
    <details key={String(open)} className={styles.help} open={open}>
      <summary id={id}>{t("search.help")}</summary>
      <dl>
        {OPERATORS.map(({ example, text }) => (
          <div key={text}>
            <dt dir="ltr">{example}</dt>
            <dd>{t(text)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
