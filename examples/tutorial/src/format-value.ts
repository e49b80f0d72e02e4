const MAX_DEPTH = 100;

/** Formats a JSON value as the original of this tutorial shows it, which is written in Python. */
export function formatValue(value: unknown): string {
  return typeof value === "string" ? value : formatNested(value, 0);
}

function formatNested(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) return "...";
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return quote(value);
  if (typeof value !== "object") return String(value);
  if (Array.isArray(value)) return `[${value.map((item) => formatNested(item, depth + 1)).join(", ")}]`;
  const entries = Object.entries(value).map(([key, item]) => `${quote(key)}: ${formatNested(item, depth + 1)}`);
  return `{${entries.join(", ")}}`;
}

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\\n\r\t]/g, (character) => JSON.stringify(character).slice(1, -1));
  return mark + (mark === "'" ? escaped.replaceAll("'", "\\'") : escaped) + mark;
}
