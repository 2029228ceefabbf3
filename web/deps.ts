import type { Domains, Permission, Realms } from '#model';
import type { Clock, Log, Random } from '#runtime';
import type { Registration, Secrets, Store } from '#store';
import type { Mailer } from './mail/mailer.ts';

/** Everything the portal stands on; handed in, so that tests hand in a memory store and a clock that stands still. */
export interface PortalDeps {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly domains: Domains;
  readonly realms: Realms;
  /** What watchers get for whom no rule speaks. */
  readonly defaultPermission: Permission;
  /** Who may make an account, unless an administrator has set it otherwise. */
  readonly defaultRegistration: Registration;
  readonly phone: PhoneAddress;
  /** Addresses whose X-Forwarded-* headers are believed. */
  readonly proxies: readonly string[];
  /** Where browsers find the portal, `https://host/`; undefined: where each request came by. */
  readonly url: string | undefined;
  /** Absent where the operator configured no mail server; with it there is a `url`. */
  readonly mailer?: Mailer | undefined;
}

/** Where phones find the SIP service. */
export interface PhoneAddress {
  /** As advertised, `host` or `host:port`; undefined: where it listens, or the name the browser came by. */
  readonly advertised: string | undefined;
  /** The address that the SIP service listens on, IPv6 without brackets; `0.0.0.0` or `::` for all of this machine's. */
  readonly listens: string;
  /** This machine's names and addresses, for browsers that came by `localhost`, which no phone can use. */
  readonly candidates: readonly string[];
  readonly port: number;
  /** `UDP`, `UDP or TCP`: what the address and port above take. */
  readonly transport: string;
}
