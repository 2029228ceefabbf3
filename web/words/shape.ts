import type { english } from './english.ts';

/** The same keys; any text in the place of each text. A language that lacks one does not compile. */
type AnyText<T> = T extends string
  ? string
  : T extends (...of: infer A) => infer Said
    ? (...of: A) => AnyText<Said>
    : { readonly [K in keyof T]: AnyText<T[K]> };

export type Words = AnyText<typeof english>;
