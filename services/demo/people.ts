import type { Permission } from '#model';

/** Who lives in the demo. Nothing about them is secret but their passwords, which are new at every start. */
export const PEOPLE = ['ada', 'ben', 'cleo'] as const;
export type Name = (typeof PEOPLE)[number];

export interface Device {
  readonly owner: Name;
  /** As the terminal and the portal call it. */
  readonly title: string;
}

const device = (owner: Name, title: string): Device => ({ owner, title });

export const ada = { desk: device('ada', 'desk phone'), mobile: device('ada', 'mobile') } as const;
export const ben = { desk: device('ben', 'desk phone') } as const;
export const cleo = { mobile: device('cleo', 'mobile'), laptop: device('cleo', 'laptop') } as const;

export const DEVICES: readonly Device[] = [ada.desk, ada.mobile, ben.desk, cleo.mobile, cleo.laptop];

export interface DemoRule {
  readonly owner: Name;
  readonly watcher: Name | '*';
  readonly permission: Permission;
}

/** One of each kind: Ben is let in, Cleo must ask Ada and is refused by Ben, Ada sees Cleo offline whatever Cleo does. */
export const RULES: readonly DemoRule[] = [
  { owner: 'ada', watcher: 'ben', permission: 'allow' },
  { owner: 'ada', watcher: '*', permission: 'confirm' },
  { owner: 'ben', watcher: 'ada', permission: 'allow' },
  { owner: 'ben', watcher: 'cleo', permission: 'block' },
  { owner: 'cleo', watcher: 'ben', permission: 'allow' },
  { owner: 'cleo', watcher: 'ada', permission: 'polite-block' },
];
