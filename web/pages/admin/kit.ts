import type { PortalDeps } from '../../deps.ts';
import type { SecurityKit } from '../security/kit.ts';

/** What each part of the administration is given. */
export interface AdminKit extends Pick<SecurityKit, 'confirm'> {
  readonly deps: PortalDeps;
}
