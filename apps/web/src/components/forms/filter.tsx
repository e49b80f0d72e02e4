import { Icon } from "../indicators/icon.tsx";
import styles from "./filter.module.css";

interface FilterFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Filters the list below it while the user types. */
export function FilterField({ label, value, onChange }: FilterFieldProps) {
  return (
    <search className={styles.filter}>
      <Icon name="search" small />
      <input
        type="search"
        aria-label={label}
        placeholder={label}
        dir={value === "" ? undefined : "auto"}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </search>
  );
}

/** Whether a text contains another one, ignoring case. */
export function includesIgnoringCase(text: string, query: string): boolean {
  return text.toLocaleLowerCase().includes(query.trim().toLocaleLowerCase());
}
