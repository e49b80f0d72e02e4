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
