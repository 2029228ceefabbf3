import type { Device, Name } from './people.ts';

/** RFC 4480 §3.2, those that the day needs. */
export type Activity =
  | 'away'
  | 'breakfast'
  | 'dinner'
  | 'in-transit'
  | 'meal'
  | 'meeting'
  | 'on-the-phone'
  | 'sleeping';

/** What a device tells of its owner. */
export interface Statement {
  readonly basic: 'open' | 'closed';
  readonly activity?: Activity;
  readonly note?: string;
}

/** What a device does at some moment of the day. */
export type Deed =
  /** Publishes this, in place of what it published before. */
  | { readonly kind: 'says'; readonly statement: Statement }
  /** Subscribes, unless it does already, and stays subscribed until it leaves. */
  | { readonly kind: 'watches'; readonly whom: Name }
  /** Takes back what it published and ends its subscriptions, as a phone that is switched off. */
  | { readonly kind: 'leaves' }
  /**
   * Falls silent without a word, as a phone whose battery is empty: what it said ends by itself (RFC 3903 §3). A NOTIFY finds
   * it with nothing in its memory, and is answered 481.
   */
  | { readonly kind: 'dies' };

export interface Moment {
  /** `HH:MM` of the day in the demo. */
  readonly at: string;
  readonly device: Device;
  readonly deed: Deed;
}

/** `08:30` → 510, minutes since midnight. */
export function minuteOf(at: string): number {
  const [hours, minutes] = at.split(':');
  return Number(hours) * 60 + Number(minutes);
}

/** The line that the terminal shows; undefined for what its answer will tell better. */
export function describeDeed({ at, device, deed }: Moment): string | undefined {
  const who = `${at}  ${device.owner}, ${device.title}:`;
  switch (deed.kind) {
    case 'says': {
      const { basic, activity, note } = deed.statement;
      const said = [basic === 'open' ? 'available' : 'offline', activity?.replaceAll('-', ' ')];
      const words = said.filter((word) => word !== undefined).join(', ');
      return `${who} ${words}${note === undefined ? '' : `, “${note}”`}`;
    }
    case 'watches':
      return undefined;
    case 'leaves':
      return `${who} switched off`;
    case 'dies':
      return `${who} battery empty; what it said ends within a minute of yours`;
  }
}
