import { checkOptions } from "../options.ts";
import { compileNamePattern } from "./capacity.ts";
import { MAX_DELAY_MS } from "./clock.ts";
import { requireInteger } from "./require-integer.ts";

/** The history of the groups whose names match a pattern. */
export interface HistoryRule {
  /** A name, a prefix followed by `*` (as in `"room.*"`), or a regular expression. */
  readonly group: string | RegExp;
  /** Events that are kept of each group; 0 for none. */
  readonly history: number;
  /** Milliseconds for which an event is kept. @default the layer's `historyTtlMs` */
  readonly historyTtlMs?: number;
}

/** The bounds of a group's history. */
export interface HistorySettings {
  readonly size: number;
  readonly ttlMs: number;
}

/** Returns the bounds of a group's history; undefined for a group without one. */
export type HistoryPolicy = (group: string) => HistorySettings | undefined;

/** The most events of a group that can be kept, and returned at once. */
export const MAX_HISTORY = 10_000;

/**
 * Compiles the rules to a policy. Returns undefined where no group has a history, so that sending does not ask for one.
 * @throws InvalidOption naming the option that is out of bounds.
 */
export function resolveHistoryPolicy(
  defaults: { readonly history: number; readonly historyTtlMs: number },
  rules: readonly HistoryRule[],
): HistoryPolicy | undefined {
  const fallback = resolveSettings("", defaults.history, defaults.historyTtlMs);
  for (const [index, rule] of rules.entries()) {
    const names = { group: true, history: true, historyTtlMs: true } as const;
    checkOptions<HistoryRule>(rule, names, `groupHistory[${index}].`);
  }
  const compiled = rules.map(({ group, history, historyTtlMs = defaults.historyTtlMs }, index) => ({
    matches: compileNamePattern(group, `groupHistory[${index}].group`),
    settings: resolveSettings(`groupHistory[${index}].`, history, historyTtlMs),
  }));
  if (fallback === undefined && compiled.every(({ settings }) => settings === undefined)) return undefined;
  return (group) => {
    const rule = compiled.find(({ matches }) => matches(group));
    return rule === undefined ? fallback : rule.settings;
  };
}

function resolveSettings(option: string, history: number, historyTtlMs: number): HistorySettings | undefined {
  const size = requireInteger(`${option}history`, history, 0, MAX_HISTORY);
  const ttlMs = requireInteger(`${option}historyTtlMs`, historyTtlMs, 1, MAX_DELAY_MS);
  return size === 0 ? undefined : Object.freeze({ size, ttlMs });
}
