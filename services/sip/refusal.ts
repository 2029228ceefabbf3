import type { Answer, Field } from './message.ts';

/** An ordinary negative answer: a value, not a fault. */
export interface Refusal {
  readonly refused: Answer;
}

/** @param headers what the status needs to say: Min-Expires, Accept, Allow-Events … */
export function refuse(status: number, headers: readonly Field[] = [], reason?: string): Refusal {
  return { refused: reason === undefined ? { status, headers } : { status, headers, reason } };
}

export function isRefusal(value: object): value is Refusal {
  return 'refused' in value;
}
