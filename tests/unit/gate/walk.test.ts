import { describe, expect, it } from 'vitest';
import { type Step, walk } from '#gate';
import { type Refusal, refuse } from '#sip';

interface Start {
  readonly asked: string;
}

const soon =
  <Known, Found extends object>(step: (known: Known) => Found | Refusal): Step<Known, Found> =>
  async (known) =>
    step(known);

const known = () => ({ identity: 'sip:alice@example.com' });
const count = ({ asked }: Start) => ({ length: asked.length });
const twice = ({ length }: { readonly length: number }) => ({ twice: 2 * length });

describe('a request’s way through a table of steps', () => {
  it('each step reads what those before it found, whether they had to wait or not', async () => {
    const start: Start = { asked: 'four' };
    const found = { asked: 'four', length: 4, twice: 8, identity: 'sip:alice@example.com' };
    expect(walk<Start>().step(count).step(twice).step(known).run(start)).toEqual(found);
    expect(await walk<Start>().step(soon(count)).step(twice).step(soon(known)).run(start)).toEqual(found);
    expect(start).toEqual({ asked: 'four' });
  });

  it('nobody waits for what is there already', () => {
    expect(walk<Start>().step(count).run({ asked: '' })).not.toBeInstanceOf(Promise);
    expect(walk<Start>().step(soon(count)).run({ asked: '' })).toBeInstanceOf(Promise);
  });

  it('what one walk found out is nothing to the next', () => {
    const table = walk<Start>()
      .step(({ asked }): object => (asked === 'alice' ? known() : {}))
      .step(({ asked }): object | Refusal => (asked === 'no' ? refuse(403) : count({ asked })));
    const found = { asked: 'alice', length: 5, ...known() };
    expect(table.run({ asked: 'alice' })).toEqual(found);
    expect(table.run({ asked: 'bob' })).toEqual({ asked: 'bob', length: 3, identity: undefined });
    expect(table.run({ asked: 'no' })).toEqual({ refused: { status: 403, headers: [], stateless: true } });
    expect(table.run({ asked: 'alice' })).toEqual(found);
  });

  it('the same table can be walked again, and by several at once', async () => {
    const table = walk<Start>().step(soon(count)).step(twice);
    const [one, other] = await Promise.all([table.run({ asked: 'a' }), table.run({ asked: 'bcd' })]);
    expect([one, other]).toEqual([
      { asked: 'a', length: 1, twice: 2 },
      { asked: 'bcd', length: 3, twice: 6 },
    ]);
  });

  for (const [when, later] of [
    ['at once', (step: () => Refusal) => step],
    ['after a while', (step: () => Refusal) => soon(step)],
  ] as const) {
    it(`a refusal ${when} ends the walk, and costs no memory while nobody knows who asks`, async () => {
      let further = 0;
      const on = () => {
        further += 1;
        return {};
      };
      const no = later(() => refuse(403, [['Reason', 'no']], 'No'));
      const stranger = await walk<Start>().step(count).step(no).step(on).run({ asked: '' });
      expect(stranger).toEqual({
        refused: { status: 403, reason: 'No', headers: [['Reason', 'no']], stateless: true },
      });
      const friend = await walk<Start>().step(soon(known)).step(no).step(on).run({ asked: '' });
      expect(friend).toEqual({ refused: { status: 403, reason: 'No', headers: [['Reason', 'no']] } });
      expect(further).toBe(0);
    });
  }

  it('a fault is thrown, or rejected with', async () => {
    const fault = (): never => {
      throw new TypeError('oops');
    };
    expect(() => walk<Start>().step(fault).run({ asked: '' })).toThrow('oops');
    await expect(walk<Start>().step(soon(count)).step(fault).run({ asked: '' })).rejects.toThrow('oops');
  });
});
