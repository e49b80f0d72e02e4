import type { AuditEntry, AuditFilter } from "@multichat/protocol";
import { request } from "./http.ts";

/** Requests for the audit log. Each throws `RequestFailed`. */
export const auditApi = {
  /** Returns at most `limit` entries with a smaller number than `before`, newest first. */
  listEntries: async (
    { before, limit, ...filter }: AuditFilter & { readonly before?: number | undefined; readonly limit: number },
    signal?: AbortSignal,
  ): Promise<readonly AuditEntry[]> => {
    const query = new URLSearchParams({ limit: String(limit) });
    for (const [name, value] of Object.entries({ ...filter, before })) {
      if (value !== undefined) query.set(name, String(value));
    }
    return (await request<{ readonly entries: readonly AuditEntry[] }>("GET", `/api/audit?${query}`, { signal }))
      .entries;
  },
} as const;
