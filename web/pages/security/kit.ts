import type { FastifyReply, FastifyRequest } from 'fastify';
import type { PortalDeps } from '../../deps.ts';
import type { FormErrors } from '../../plugins/forms.ts';

/** What each part of the page is given: how to show it, and how to ask for the password once more. */
export interface SecurityKit {
  readonly deps: PortalDeps;
  /** The page with what is wrong, by field; or with what is shown only now. */
  show(request: FastifyRequest, reply: FastifyReply, shown: ShownOnce): Promise<FastifyReply>;
  /**
   * Whether `field` of the form holds the member's password: what can lock its owner out is asked for it again, so that a
   * browser left open is not enough.
   */
  confirm(request: FastifyRequest, field: string): Promise<FormErrors | 'right'>;
}

export interface ShownOnce {
  readonly status?: number;
  readonly errors?: FormErrors;
  /** A device's password, which nobody ever sees again. */
  readonly made?: { readonly label: string; readonly password: string };
  /** Likewise. */
  readonly recoveryCodes?: readonly string[];
  /** The label that was typed. */
  readonly keptLabel?: string;
  /** The name of a passkey that was typed. */
  readonly keptPasskey?: string;
  /** The mail address that was typed. */
  readonly keptMail?: string;
}
