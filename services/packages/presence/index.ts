/**
 * The `presence` package (RFC 3856; PIDF RFC 3863, data model RFC 4479, RPID RFC 4480). Pure: XML in, XML out, time passed
 * in. Its default export is what the loader takes when Eventloader says `builtin:presence`.
 */
import type { EventPackage } from '../contract.ts';
import { compose } from './compose.ts';
import { PIDF_TYPE } from './names.ts';
import type { Pidf, PresenceState } from './pidf.ts';
import { readPidf } from './read.ts';
import { nextTurn } from './windows.ts';
import { writePidf } from './write.ts';

export type { Pidf, PresenceState } from './pidf.ts';
export { type OwnStatus, writeStatus } from './status.ts';
export { type PresenceSummary, summarise } from './summary.ts';

export const presencePackage: EventPackage<Pidf, PresenceState> = {
  name: 'presence',
  implements: ['RFC 3856', 'RFC 3863', 'RFC 4479', 'RFC 4480'],
  // RFC 3856 §6.4: an hour. baresip publishes for 60 s.
  duration: { min: 60, usual: 3600, max: 3600 },
  // RFC 3856 §6.10.
  pace: 5,
  formats: [{ type: PIDF_TYPE, write: writePidf }],
  publishes: [PIDF_TYPE],

  readPublication(contentType, body) {
    const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
    return type === PIDF_TYPE ? readPidf(body) : { kind: 'unsupported' };
  },

  compose: (presentity, published, now) =>
    published.length === 0 ? neutral(presentity) : compose(presentity, published, now),

  conceal: (state, permission, presentity) => (permission === 'allow' ? state : neutral(presentity)),

  neutral,

  nextChange: (published, now) =>
    nextTurn(
      published.map(({ document }) => document),
      now,
    ),
};

export default presencePackage;

/**
 * Offline, and nothing else: what a watcher of somebody without a device sees, and a politely blocked one just the same
 * (RFC 3856 §6.6.2). A closed tuple because phones look for one; no timestamp, or the two could be told apart.
 */
function neutral(presentity: string): PresenceState {
  return {
    entity: presentity,
    tuples: [
      {
        id: 'offline',
        basic: 'closed',
        status: [],
        extensions: [],
        contact: undefined,
        notes: [],
        timestamp: undefined,
      },
    ],
    notes: [],
    persons: [],
    devices: [],
    others: [],
    turns: [],
  };
}
