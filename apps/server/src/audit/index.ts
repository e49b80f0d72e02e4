export { readAuditLog } from "./read-audit-log.ts";
export { isInvalidInput, isRecordedRefusal } from "./recorded-refusals.ts";
export { type SecurityEvent, SecurityLog } from "./security-log.ts";
