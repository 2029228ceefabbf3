import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Cookies that only we can have written. The library signs the value alone, so the purpose is part of it: what was signed
 * for one thing passes for nothing else.
 */
export function setSigned(
  reply: FastifyReply,
  name: string,
  purpose: string,
  value: object,
  options: CookieSerializeOptions,
): void {
  const text = Buffer.from(JSON.stringify([purpose, value])).toString('base64url');
  reply.setCookie(name, text, { ...options, signed: true });
}

/** What was signed for this purpose; undefined for anything else. */
export function readSigned<Value extends object>(
  request: FastifyRequest,
  name: string,
  purpose: string,
): Value | undefined {
  const { valid, value } = request.unsignCookie(request.cookies[name] ?? '');
  if (!valid || value === null) return undefined;
  const read: unknown = JSON.parse(Buffer.from(value, 'base64url').toString());
  return Array.isArray(read) && read[0] === purpose ? (read[1] as Value) : undefined;
}
