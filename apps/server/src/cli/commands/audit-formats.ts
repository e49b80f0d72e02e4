import type { AuditEntry } from "@multichat/protocol";

export const AUDIT_FORMATS = ["jsonl", "csv"] as const;

export type AuditFormat = (typeof AUDIT_FORMATS)[number];

const COLUMNS = ["n", "at", "action", "outcome", "actor", "actorId", "target", "address", "request", "details", "hash"];

/** Returns what comes before the entries. */
export function formatAuditHead(format: AuditFormat): string {
  return format === "csv" ? toCsvLine(COLUMNS) : "";
}

export function formatAuditEntry(format: AuditFormat, entry: AuditEntry): string {
  if (format === "jsonl") return `${JSON.stringify(entry)}\n`;
  const { n, at, action, outcome, actor, target, address, request, details, hash } = entry;
  return toCsvLine([
    String(n),
    new Date(at).toISOString(),
    action,
    outcome,
    actor?.username ?? "",
    actor?.id ?? "",
    target ?? "",
    address ?? "",
    request ?? "",
    JSON.stringify(details),
    hash,
  ]);
}

/** By RFC 4180. */
function toCsvLine(cells: readonly string[]): string {
  return `${cells.map(toCsvCell).join(",")}\r\n`;
}

/** A spreadsheet would run a cell that begins like a formula; an apostrophe makes it text. */
function toCsvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}
