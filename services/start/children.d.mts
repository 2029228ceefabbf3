interface Ending {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}
export const GRACE_MS: number;
export interface Child {
  readonly title: string;
  readonly pid: number | undefined;
  readonly exited: Promise<Ending>;
  isGone(): boolean;
  kill(signal: NodeJS.Signals): boolean;
  /** Over the channel to it; plain values. */
  send(message: object): void;
}
export function startChild(
  title: string,
  script: string,
  environment: Readonly<Record<string, string | undefined>>,
  words?: readonly string[],
): Child;
export function endAll(children: readonly Child[], graceMs?: number): Promise<void>;
export function howItEnded(ending: Ending): string;
