import { type Answer, isRefusal, type Refusal } from '#sip';

/**
 * A request's way through a table of steps. Each step reads what the steps before it found out, and either adds what it
 * found out itself or refuses; the first refusal ends the walk.
 */
export type Step<Known, Found extends object> = (known: Readonly<Known>) => Found | Refusal | Promise<Found | Refusal>;

export interface Walk<Start, Known> {
  /** The same walk with one more step at its end. */
  step<Found extends object>(step: Step<Known, Found>): Walk<Start, Known & Found>;
  /** Walks all steps; at once as far as no step has to wait. Faults are thrown, or rejected with. */
  run(start: Start): Known | Refusal | Promise<Known | Refusal>;
}

export function walk<Start extends object>(): Walk<Start, Start> {
  return extend<Start, Start>([]);
}

type AnyStep = (known: object) => object | Promise<object>;

function extend<Start extends object, Known>(steps: readonly AnyStep[]): Walk<Start, Known> {
  const form = makeForm();
  return {
    step: <Found extends object>(step: Step<Known, Found>) =>
      extend<Start, Known & Found>([...steps, step as unknown as AnyStep]),
    run: (start) => goOn(steps, 0, form.begin(start), form) as Known | Refusal | Promise<Known | Refusal>,
  };
}

/** From one step on. Nobody waits for what is there already: most requests pass most steps in one go. */
function goOn(steps: readonly AnyStep[], from: number, known: SoFar, form: Form): object | Promise<object> {
  for (let index = from; index < steps.length; index += 1) {
    const found = (steps[index] as AnyStep)(known);
    if (found instanceof Promise) {
      return found.then((late) =>
        isRefusal(late) ? refused(known, late) : goOn(steps, index + 1, Object.assign(known, late), form),
      );
    }
    if (isRefusal(found)) return refused(known, found);
    if (found !== nothing) Object.assign(known, found);
  }
  form.learn(known);
  return known;
}

/** What the steps found out. */
interface SoFar {
  readonly identity?: unknown;
}

interface Form {
  begin(start: object): SoFar;
  learn(known: SoFar): void;
}

/**
 * What walks of one table end with, empty: each begins with all fields that any before it has ended with, undefined. V8 looks for
 * another shape whenever an object gets one more field, which it does slowly.
 */
function makeForm(): Form {
  let blank: object = {};
  let fields = 0;
  return {
    begin: (start) => Object.assign({ ...blank }, start),
    learn(known) {
      const names = Object.keys(known);
      if (names.length === fields) return;
      fields = names.length;
      blank = Object.fromEntries(names.map((name) => [name, undefined]));
    },
  };
}

const refused = (known: SoFar, refusal: Refusal): Refusal => (isKnown(known) ? refusal : forgotten(refusal));

/** Whether `authenticate` has found out who sent the request. */
const isKnown = ({ identity }: SoFar): boolean => identity !== undefined;

/** A refusal that a stranger can provoke at will is answered and forgotten: it must cost us no memory. */
const forgotten = ({ refused }: Refusal): Refusal => ({ refused: { ...refused, stateless: true } });

/** What a walk ends with when it is not refused. */
export interface Answered {
  readonly answer: Answer;
  /** What follows the answer, once it has been sent: the NOTIFY that each 2xx to a SUBSCRIBE brings. */
  readonly afterwards?: () => void;
}

/** What a step adds that only looks. */
export const nothing: Readonly<Record<string, never>> = Object.freeze({});
