interface SettingText {
  readonly name: string;
  readonly shape: string;
  readonly usual: string;
  readonly about: string;
}
export function readSettings(): readonly SettingText[];
export function helpText(settings: readonly SettingText[]): string;
export function envExample(settings: readonly SettingText[]): string;
export function configurationPage(settings: readonly SettingText[]): string;
