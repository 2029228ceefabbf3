export function heapWords(given: {
  readonly availableMb: number;
  readonly limitMb: number;
  readonly nodeOptions?: string | undefined;
}): readonly string[];
