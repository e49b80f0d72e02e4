/** The part of an actor that decides access to the server's settings. */
export interface SettingsManager {
  readonly staff: boolean;
}

export function canSeeSettings(actor: SettingsManager): boolean {
  return actor.staff;
}

export function canChangeSettings(actor: SettingsManager): boolean {
  return actor.staff;
}

/** The audit log names people and addresses, so it is for superusers alone. */
export function canReadAuditLog(actor: { readonly superuser: boolean }): boolean {
  return actor.superuser;
}
