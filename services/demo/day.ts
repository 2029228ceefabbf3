import type { Activity, Moment } from './deed.ts';
import { ada, ben, cleo, type Device, type Name } from './people.ts';

/**
 * A day, from 08:00 to 20:00, in order. A minute of it is a second of whoever looks on, so it lasts twelve minutes; then
 * it begins anew. The first minutes come thick and fast, because that is when a newcomer logs in.
 */
export const DAY: readonly Moment[] = [
  open('08:00', ada.mobile, 'On the bike', 'in-transit'),
  watches('08:00', ada.mobile, 'ben'),
  watches('08:00', ada.mobile, 'cleo'),
  open('08:02', ben.desk, 'Coffee first', 'breakfast'),
  watches('08:02', ben.desk, 'ada'),
  watches('08:02', ben.desk, 'cleo'),
  open('08:04', cleo.mobile, 'Does anybody want to sail?'),
  watches('08:04', cleo.mobile, 'ada'),
  watches('08:06', cleo.mobile, 'ben'),

  open('08:20', ada.desk, 'At my desk'),
  watches('08:20', ada.desk, 'ben'),
  watches('08:20', ada.desk, 'cleo'),
  open('08:21', ada.mobile),
  open('08:40', ben.desk),

  open('09:00', ada.desk, 'With the printers', 'on-the-phone'),
  open('09:20', ada.desk, 'At my desk'),
  open('09:30', cleo.laptop, 'Drawing boats'),

  open('10:00', ada.desk, 'Ben is on the line', 'on-the-phone'),
  open('10:00', ben.desk, 'Ada is on the line', 'on-the-phone'),
  open('10:25', ben.desk),
  open('10:25', ada.desk, 'At my desk'),

  open('11:00', ada.desk, 'Back in a moment', 'away'),
  open('11:12', ada.desk, 'At my desk'),
  open('11:30', cleo.laptop, 'Showing boats', 'meeting'),

  closed('12:00', ada.desk),
  open('12:00', ada.mobile, 'Lunch by the canal', 'meal'),
  closed('12:10', ben.desk, 'Out for lunch', 'meal'),
  open('12:45', ben.desk),
  dies('12:55', ada.mobile),
  open('13:00', ada.desk, 'At my desk'),
  open('13:15', cleo.laptop, 'Drawing boats'),

  watches('14:00', cleo.mobile, 'ben'),
  open('14:30', ada.desk, 'Planning the summer', 'meeting'),
  open('15:15', ada.desk, 'At my desk'),
  open('15:30', ada.mobile, 'Found a charger'),

  open('16:00', ben.desk, 'Talking to a customer', 'on-the-phone'),
  open('16:20', ben.desk),
  leaves('16:45', cleo.laptop),

  leaves('17:00', ada.desk),
  open('17:00', ada.mobile, 'On the bike', 'in-transit'),
  watches('17:01', ada.mobile, 'ben'),
  watches('17:01', ada.mobile, 'cleo'),
  open('17:30', ada.mobile, 'At home'),
  leaves('17:45', ben.desk),

  open('18:15', ada.mobile, 'Pancakes', 'dinner'),
  open('19:00', ada.mobile, 'At home'),
  leaves('19:20', cleo.mobile),
  closed('19:30', ada.mobile, 'Good night', 'sleeping'),
  leaves('19:50', ada.mobile),
];

/** When the next day begins. */
export const DAY_ENDS = '20:00';

/** How long a minute of theirs takes. */
export const MINUTE_MS = 1_000;

function open(at: string, device: Device, note?: string, activity?: Activity): Moment {
  return says('open', at, device, note, activity);
}

function closed(at: string, device: Device, note?: string, activity?: Activity): Moment {
  return says('closed', at, device, note, activity);
}

function says(basic: 'open' | 'closed', at: string, device: Device, note?: string, activity?: Activity): Moment {
  const statement = { basic, ...(note === undefined ? {} : { note }), ...(activity === undefined ? {} : { activity }) };
  return { at, device, deed: { kind: 'says', statement } };
}

function watches(at: string, device: Device, whom: Name): Moment {
  return { at, device, deed: { kind: 'watches', whom } };
}

function leaves(at: string, device: Device): Moment {
  return { at, device, deed: { kind: 'leaves' } };
}

function dies(at: string, device: Device): Moment {
  return { at, device, deed: { kind: 'dies' } };
}
