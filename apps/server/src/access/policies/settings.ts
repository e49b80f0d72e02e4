/** The part of an actor that rights over the server's settings hang on. */
export interface SettingsManager {
  readonly staff: boolean;
}

export function canSeeSettings(actor: SettingsManager): boolean {
  return actor.staff;
}

export function canChangeSettings(actor: SettingsManager): boolean {
  return actor.staff;
}
