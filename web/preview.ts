import { makeCompositor, makePublicationBook } from '#compositor';
import type { Aor, Permission, Publication, Rule } from '#model';
import { makeRegistry, type Registry } from '#packages';
import { contendersOf, type Decision } from '#policy';
import type { Clock, Log } from '#runtime';
import type { EventLoader } from '#store';

/** What a watcher's phone is sent now, and why: by the functions of the SIP service itself (packages, policy, compositor). */
export interface Preview {
  readonly permission: Permission;
  /** Everything that speaks of the watcher, the one that decides first. */
  readonly reasons: readonly Decision[];
  /** The body of the NOTIFY, byte for byte; undefined where none is sent, or the portal does not run the package. */
  readonly body: Uint8Array | undefined;
  readonly contentType: string;
  /** False when the event package is not one of the built-in ones, which alone are run in the portal. */
  readonly runs: boolean;
}

export interface PreviewNeeds {
  readonly loader: Pick<EventLoader, 'list'>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Question {
  readonly owner: Aor;
  readonly watcher: Aor;
  readonly event: string;
  readonly rules: readonly Rule[];
  readonly publications: readonly Publication[];
  readonly byDefault: Permission;
  /** What the watcher's phone takes; undefined: what the package writes for who asks for nothing. */
  readonly contentType: string | undefined;
}

/** A third party's package is trusted by the SIP service, and stays there. */
const BUILT_IN = /^builtin:/;

export function makePreviews({ loader, clock, log }: PreviewNeeds): (question: Question) => Promise<Preview> {
  const registry: Registry = makeRegistry({ clock, log });

  return async function preview({ owner, watcher, event, rules, publications, byDefault, contentType }) {
    await registry.sync((await loader.list()).filter(({ module }) => BUILT_IN.test(module)));
    const reasons = contendersOf(rules, owner, watcher, event, byDefault, clock.now());
    const permission = reasons[0]?.permission ?? 'block';
    const eventPackage = registry.find(event);
    const type = contentType ?? eventPackage?.formats[0] ?? '';
    const nothing = { permission, reasons, body: undefined, contentType: type, runs: eventPackage !== undefined };
    if (permission !== 'allow' && permission !== 'polite-block') return nothing;
    const book = makePublicationBook();
    for (const publication of publications) book.keep(publication);
    const compositor = makeCompositor({ book, registry, clock, onTimedChange: () => undefined, capacity: 64 });
    try {
      return { ...nothing, body: compositor.view(owner, event, permission, type)?.body };
    } finally {
      compositor.close();
    }
  };
}
