/**
 * What a row may hold: the lengths of prisma/schema.prisma as one check in front of every implementation, so that memory,
 * SQLite (which checks no length) and MySQL refuse the same rows. Keys hold no white space and no control characters:
 * MySQL's `utf8mb4_bin` takes 'a' and 'a ' for equal, so such keys never reach a column.
 */
import {
  type Group,
  MAX_AOR_LENGTH,
  MAX_BODY_BYTES,
  MAX_EVENT_LENGTH,
  MAX_GROUP_MEMBERS,
  MAX_GROUP_NAME_LENGTH,
  MAX_ORIGIN_LENGTH,
  type Publication,
  type Rule,
  type Subscription,
  type WaitingSubscription,
} from '#model';
import type { AuditEntry, LoaderRow, NewAccount, SealedCredential, Session } from './store.ts';

const KEY = /^[\x21-\x7e\u00a1-\u{10ffff}]+$/u;
const UNKEEPABLE = /[\0\p{Surrogate}]/u;
const MAX_ROUTE_SET_BYTES = 65_535;
/** Imports of up to this many accounts are told to the other processes one by one, larger ones as «everything». */
export const MANY_ACCOUNTS = 100;

function isKey(text: string, longest: number): boolean {
  return text.length <= longest && KEY.test(text) && !UNKEEPABLE.test(text);
}

function isText(text: string, longest: number): boolean {
  return text.length <= longest && !UNKEEPABLE.test(text);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

const isAor = (text: string): boolean => isKey(text, MAX_AOR_LENGTH);
const isEvent = (text: string): boolean => isKey(text, MAX_EVENT_LENGTH);

/** False when the row cannot be kept whole: too long, out of range, or text that no database keeps. */
export function fitsPublication(row: Publication): boolean {
  return (
    isKey(row.id, 32) &&
    isAor(row.presentity) &&
    isEvent(row.event) &&
    isTag(row.etag) &&
    isText(row.contentType, 128) &&
    row.body.length <= MAX_BODY_BYTES &&
    isAor(row.publisher) &&
    isText(row.userAgent, 128) &&
    isCount(row.modifiedAt) &&
    isCount(row.expiresAt) &&
    isCount(row.createdAt ?? 0) &&
    isText(row.origin ?? '', MAX_ORIGIN_LENGTH)
  );
}

/** False when the row cannot be kept whole. */
export function fitsSubscription(row: Subscription): boolean {
  const { dialog } = row;
  return (
    isKey(row.id, 32) &&
    isAor(row.presentity) &&
    isEvent(row.event) &&
    isText(row.eventId, 255) &&
    isAor(row.watcher) &&
    isKey(row.cause, 16) &&
    isText(row.contentType, 128) &&
    isText(dialog.callId, 255) &&
    isText(dialog.localTag, 128) &&
    isText(dialog.remoteTag, 128) &&
    isText(dialog.localUri, 512) &&
    isText(dialog.remoteUri, 512) &&
    isText(dialog.remoteTarget, 1024) &&
    Buffer.byteLength(JSON.stringify(dialog.routeSet)) <= MAX_ROUTE_SET_BYTES &&
    isText(dialog.flow, 255) &&
    isText(row.userAgent, 128) &&
    isText(row.told, 64) &&
    [dialog.remoteCseq, row.reservedCseq, row.createdAt, row.expiresAt].every(isCount)
  );
}

/** False when the row cannot be kept whole. */
export function fitsWaiting(row: WaitingSubscription): boolean {
  return (
    isKey(row.id, 32) &&
    isAor(row.presentity) &&
    isEvent(row.event) &&
    isAor(row.watcher) &&
    isText(row.userAgent, 128) &&
    isCount(row.askedAt) &&
    isCount(row.expiresAt)
  );
}

/** Whether a row can have this id; 'a ' must not find 'a' (see above). */
export function isId(text: string): boolean {
  return isKey(text, 32);
}

/** Whether a row can carry this entity-tag. */
export function isTag(text: string): boolean {
  return isKey(text, 64);
}

/** Keys that fit no column name no row: looking for them is answered without asking. */
export function couldBeAor(text: string): boolean {
  return isAor(text);
}

/** @throws RangeError when the account cannot be kept: what people type is checked before it comes here. */
export function checkNewAccount(account: NewAccount): void {
  check(isAor(account.aor), 'aor');
  check(isText(account.username, 190), 'username');
  check(isKey(account.domain, 190), 'domain');
  check(isCount(account.createdAt), 'createdAt');
  if (account.passwordHash !== undefined) check(isText(account.passwordHash, 255), 'passwordHash');
  checkCredentials(account.credentials);
}

/** @throws RangeError when they cannot be kept, or when two are for the same user name, realm and algorithm. */
export function checkCredentials(credentials: readonly SealedCredential[]): void {
  const seen = new Set<string>();
  for (const { username, realm, algorithm, sealedHa1, keyId, device } of credentials) {
    check(isText(username, 255) && username.trimEnd() === username, 'credential username');
    check(isText(realm, 190) && realm.trimEnd() === realm, 'realm');
    check(sealedHa1.length <= 255, 'sealed HA1');
    check(isKey(keyId, 32), 'key id');
    if (device !== undefined) {
      check(isDeviceLabel(device.label), 'name of a device');
      check(isCount(device.createdAt), 'createdAt');
    }
    const identity = JSON.stringify([username, realm, algorithm, device?.label ?? '']);
    check(!seen.has(identity), 'second credential of the same user name, realm and algorithm');
    seen.add(identity);
  }
}

/** Whether a device can be called so: 1 to 64 characters, without white space at its ends. */
export function isDeviceLabel(text: string): boolean {
  return text !== '' && isText(text, 64) && text.trim() === text;
}

/** @throws RangeError when the text is no key of at most `longest` characters. */
export function checkKey(text: string, longest: number, what: string): void {
  check(isKey(text, longest), what);
}

/** @throws RangeError when the row cannot be kept. */
export function checkLoaderRow(row: LoaderRow): void {
  check(isEvent(row.event), 'event');
  check(isText(row.module, 512), 'module');
}

/** @throws RangeError when the rule cannot be kept. */
export function checkRule({ subject, fromAt, untilAt }: Rule): void {
  check(isKey(subject, 255), 'subject');
  check(
    [fromAt, untilAt].every((at) => at === undefined || isCount(at)),
    'instant',
  );
}

/** @throws RangeError when the group cannot be kept: what people type is checked before it comes here. */
export function checkGroup({ id, name, members }: Group): void {
  check(isKey(id, 32), 'group id');
  check(isText(name, MAX_GROUP_NAME_LENGTH) && name.trim() === name && name !== '', 'name of a group');
  check(members.length <= MAX_GROUP_MEMBERS && new Set(members).size === members.length, 'members of a group');
  check(members.every(isAor), 'member');
}

/** @throws RangeError when it cannot be kept. */
export function checkPreference(name: string, value: string | undefined): void {
  check(isKey(name, 32), 'name of a preference');
  if (value !== undefined) check(isText(value, 255), 'preference');
}

/** What a browser says of itself is cut, not refused: it is only there to be read. @throws RangeError for the rest. */
export function cutSession(session: Session): Session {
  check(/^[0-9a-f]{64}$/.test(session.idHash), 'idHash');
  check([session.createdAt, session.lastSeenAt, session.expiresAt].every(isCount), 'instant');
  return {
    ...session,
    userAgent: readable(session.userAgent, 255),
    address: cutAddress(session.address),
  };
}

/** An address is there to be read: cut, not refused. */
export const cutAddress = (text: string): string => readable(text, 64);

/** What was done is noted in any case: texts that are too long are cut. */
export function cutAudit(entry: AuditEntry): AuditEntry {
  return {
    at: entry.at,
    actor: readable(entry.actor, 255),
    act: readable(entry.act, 32),
    subject: readable(entry.subject, 255),
    detail: readable(entry.detail, 254),
    address: cutAddress(entry.address),
  };
}

/** What others say of themselves is cut, not refused. */
export function readable(text: string, longest: number): string {
  return text.slice(0, longest).replace(/[\0\p{Surrogate}]/gu, '\ufffd');
}

function check(fits: boolean, what: string): void {
  if (!fits) throw new RangeError(`${what} cannot be kept: too long, out of range, or with characters that no key has`);
}
