import { fieldOf } from '../../plugins/forms.ts';

/** As its owner calls a phone or a key. */
export const MAX_LABEL = 64;
/** What turns the direction of writing, or ends a line, has no business in a name. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu;

export const readLabel = (body: unknown, field: string): string => fieldOf(body, field).replaceAll(UNSEEN, '').trim();
