/**
 * WHAT EVERY REQUEST ASKS, WITHOUT ASKING THE DATABASE. Credentials and rules, read once, in batches, and dropped when a
 * Change says *look again*. Never an answer from before a Change that was already heard, and none at all while the
 * journal's tail is not fresh: then reads throw StoreUnavailable and the caller answers 503.
 */
import type { Aor, Change, Rule } from '#model';
import type { Clock } from '#runtime';
import type { Secrets } from '../secrets.ts';
