import { type Answer, isRefusal, type Refusal } from '#sip';

/**
 * A request's way through a table of steps. Each step reads what the steps before it found out, and either adds what it
 * found out itself or refuses; the first refusal ends the walk.
 */
export type Step<Known, Found extends object> = (known: Readonly<Known>) => Found | Refusal | Promise<Found | Refusal>;

export interface Walk<Start, Known> {
  /** The same walk with one more step at its end. */
  step<Found extends object>(step: Step<Known, Found>): Walk<Start, Known & Found>;
  /** Walks all steps. Faults are thrown. */
  run(start: Start): Promise<Known | Refusal>;
}

export function walk<Start extends object>(): Walk<Start, Start> {
  return extend<Start, Start>([]);
}

type AnyStep = (known: object) => object | Promise<object>;

function extend<Start extends object, Known>(steps: readonly AnyStep[]): Walk<Start, Known> {
  return {
    step: <Found extends object>(step: Step<Known, Found>) =>
      extend<Start, Known & Found>([...steps, step as unknown as AnyStep]),
    async run(start) {
      const known: object = { ...start };
      for (const step of steps) {
        const pending = step(known);
        const found = pending instanceof Promise ? await pending : pending;
        if (isRefusal(found)) return isKnown(known) ? found : forgotten(found);
        Object.assign(known, found);
      }
      return known as Known;
    },
  };
}

/** Whether `authenticate` has found out who sent the request. */
const isKnown = (known: object): boolean => 'identity' in known;

/** A refusal that a stranger can provoke at will is answered and forgotten: it must cost us no memory. */
const forgotten = ({ refused }: Refusal): Refusal => ({ refused: { ...refused, stateless: true } });

/** What a walk ends with when it is not refused. */
export interface Answered {
  readonly answer: Answer;
  /** What follows the answer, once it has been sent: the NOTIFY that each 2xx to a SUBSCRIBE brings. */
  readonly afterwards?: () => void;
}

export const nothing: Readonly<Record<string, never>> = Object.freeze({});
