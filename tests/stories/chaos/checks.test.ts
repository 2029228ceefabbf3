import { describe, expect, it } from 'vitest';
import type { Passage } from '../../support/network.ts';
import { afterTheEnd, leaks, repeatedCSeqs } from './checks.ts';
import { secretOf } from './people.ts';

const notify = (at: number, cseq: number, state: string, body = ''): Passage => ({
  at,
  from: '192.0.2.1:5060',
  to: '198.51.100.1:5060',
  fate: 'delivered',
  text: `NOTIFY sip:x SIP/2.0\r\nFrom: <sip:a>;tag=l\r\nCall-ID: c\r\nCSeq: ${cseq} NOTIFY\r\nSubscription-State: ${state}\r\n\r\n${body}`,
});

describe('what is looked for in an hour of chaos is found', () => {
  it('a CSeq that comes again with something else, and one that comes late; a retransmission is neither', () => {
    expect(repeatedCSeqs([notify(1, 1, 'active'), notify(2, 1, 'active'), notify(3, 5, 'active')])).toEqual([]);
    expect(repeatedCSeqs([notify(1, 1, 'active'), notify(2, 1, 'pending')])).toHaveLength(1);
    expect(repeatedCSeqs([notify(1, 2, 'active'), notify(2, 1, 'active')])).toHaveLength(1);
  });

  it('a NOTIFY after the terminated one, unless it is that one again', () => {
    const end = 'terminated;reason=timeout';
    expect(afterTheEnd([notify(1, 1, 'active'), notify(2, 2, end), notify(3, 2, end), notify(4, 1, 'active')])).toEqual(
      [],
    );
    expect(afterTheEnd([notify(1, 1, end), notify(2, 2, 'active')])).toHaveLength(1);
  });

  it('a document to somebody who was blocked more than a second ago', () => {
    const rule = (at: number, permission: 'allow' | 'block') => ({ at, owner: 'bob', watcher: 'dave', permission });
    const rules = [rule(0, 'allow'), rule(5_000, 'block'), rule(90_000, 'allow')];
    const at = (ms: number) => leaks([notify(ms, 1, 'active', secretOf('bob'))], rules, () => 'dave');
    expect([at(4_000), at(5_900), at(6_500), at(89_000), at(90_001)].map(({ length }) => length)).toEqual([
      0, 0, 1, 1, 0,
    ]);
    expect(leaks([notify(50_000, 1, 'active', secretOf('bob'))], rules, () => undefined)).toEqual([]);
  });
});
