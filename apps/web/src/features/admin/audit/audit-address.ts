import {
  AUDIT_ACTIONS,
  AUDIT_OUTCOMES,
  type AuditAction,
  type AuditFilter,
  type AuditOutcome,
} from "@multichat/protocol";

export const AUDIT_PATH = "/admin/audit";

/** The filters as the form shows them and the address contains them. An empty text filters nothing. */
export interface AuditForm {
  readonly action: AuditAction | "";
  readonly outcome: AuditOutcome | "";
  readonly actor: string;
  readonly target: string;
  /** Days such as 2026-08-01, in the browser's time zone. */
  readonly from: string;
  readonly to: string;
}

export const NO_FILTERS: AuditForm = { action: "", outcome: "", actor: "", target: "", from: "", to: "" };

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Reads the filters from the query of the address; what is no valid value filters nothing. */
export function parseAuditQuery(search: string): AuditForm {
  const query = new URLSearchParams(search);
  const text = (name: string) => query.get(name)?.trim() ?? "";
  const day = (name: string) => (startOfDay(text(name)) === undefined ? "" : text(name));
  return {
    action: AUDIT_ACTIONS.find((action) => action === text("action")) ?? "",
    outcome: AUDIT_OUTCOMES.find((outcome) => outcome === text("outcome")) ?? "",
    actor: text("actor"),
    target: text("target"),
    from: day("from"),
    to: day("to"),
  };
}

/** Returns the address of the page with these filters. */
export function getAuditHref(form: AuditForm): string {
  const query = new URLSearchParams(
    Object.entries(form)
      .map(([name, value]): [string, string] => [name, value.trim()])
      .filter(([, value]) => value !== ""),
  );
  return query.size === 0 ? AUDIT_PATH : `${AUDIT_PATH}?${query}`;
}

/** Returns what to ask the server for. */
export function toAuditFilter({ action, outcome, actor, target, from, to }: AuditForm): AuditFilter {
  return {
    action: action === "" ? undefined : action,
    outcome: outcome === "" ? undefined : outcome,
    actor: actor === "" ? undefined : actor,
    target: target === "" ? undefined : target,
    since: startOfDay(from),
    until: startOfDay(to, 1),
  };
}

/** Returns the first moment of a day, or of a later one; not 24 hours are a day where the clocks change. */
function startOfDay(day: string, daysLater = 0): number | undefined {
  if (!DAY.test(day)) return undefined;
  const date = new Date(`${day}T00:00`);
  date.setDate(date.getDate() + daysLater);
  const at = date.getTime();
  return Number.isNaN(at) || at < 0 ? undefined : at;
}
