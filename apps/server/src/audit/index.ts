export { readAuditLog } from "./read-audit-log.ts";
export { recordOperation } from "./record-operation.ts";
export { type SecurityEvent, SecurityLog } from "./security-log.ts";
