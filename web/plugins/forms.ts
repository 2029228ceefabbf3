import formbody from '@fastify/formbody';
import type { FastifyInstance } from 'fastify';

/** No form of ours is longer, bytes. */
export const MAX_FORM_BYTES = 32_768;

/** Plain forms are the only bodies that the portal reads. */
export function addForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.register(formbody, { bodyLimit: MAX_FORM_BYTES });
}

/** One field of a posted form; '' when it is missing or was sent twice. */
export function fieldOf(body: unknown, name: string): string {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return '';
  const value = (body as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : '';
}

/** What a form's reading comes to: values, or what is wrong, by field. `''` is for the form as a whole. */
export type FormReading<Values> =
  | { readonly kind: 'good'; readonly values: Values }
  | { readonly kind: 'wrong'; readonly errors: FormErrors };

export type FormErrors = Readonly<Record<string, string>>;
