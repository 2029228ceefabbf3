import type { FastifyInstance } from 'fastify';
import type { Figures, NodeReport } from '#store';
import { administratorsOnly } from '../../plugins/acting.ts';
import { show } from '../../plugins/view.ts';
import { instantWords } from '../../times.ts';
import type { Words } from '../../words/index.ts';
import { readZone } from '../../zones.ts';
import { drawBars, drawLine, HEIGHT, WIDTH } from './chart.ts';
import { byFiveMinutes, byMinute, failuresOf, type Span } from './figures.ts';
import { hostWords, isHeard } from './heard.ts';
import type { AdminKit } from './kit.ts';

const HOUR_MS = 3_600_000;
/** Of the codes that requests were refused with. */
const MOST_CODES = 12;

/** GET /admin : what the SIP services did within the last hour, and which there are. Changes by itself. */
export function server(pages: FastifyInstance, { deps }: AdminKit): void {
  const { store, clock } = deps;

  pages.get('/admin', { onRequest: administratorsOnly }, async (request, reply) => {
    const { words } = request;
    const now = clock.now();
    const [rows, nodes] = await Promise.all([store.nodes.figures(now - HOUR_MS), store.nodes.list()]);
    const zone = readZone(request.cookies['porchlight_zone'] ?? '');
    const model = {
      ...(rows.length > 0 && numbersOf(rows, now, zone, words)),
      hasNumbers: rows.length > 0,
      nodes: nodes.map((node) => nodeWords(node, now, zone, words)),
    };
    return show(request, reply, deps, { page: 'admin/server', title: words.admin.server.title, model });
  });
}

function numbersOf(rows: readonly Figures[], now: number, zone: string, words: Words): object {
  const w = words.admin.server;
  const minutes = byMinute(rows, now);
  const whole = new Intl.NumberFormat(words.language, { maximumFractionDigits: 0 });
  const broken = new Intl.NumberFormat(words.language, { maximumFractionDigits: 1 });
  const milliseconds = (value: number): string => `${whole.format(value)} ${w.milliseconds}`;
  const known = (value: number | undefined, say: (value: number) => string): string =>
    value === undefined ? '–' : say(value);

  const line = (
    id: string,
    title: string,
    of: (span: Span) => number | undefined,
    say: (value: number) => string,
    about = '',
  ): object => {
    const values = minutes.map(of);
    const chart = drawLine(values);
    const latest = known(
      values.findLast((value) => value !== undefined),
      say,
    );
    return {
      id,
      title,
      about,
      latest,
      highest: w.highest(say(chart.highest)),
      desc: w.chart(latest, say(chart.highest)),
      chart,
    };
  };
  const bars = drawBars(
    minutes.map(({ refusedIn }) => refusedIn),
    minutes.map(({ refusedOut }) => refusedOut),
  );
  const clockTime = new Intl.DateTimeFormat(words.language === 'en' ? 'en-GB' : words.language, {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
  });
  const failures = failuresOf(rows);
  return {
    box: `0 0 ${WIDTH} ${HEIGHT}`,
    lines: [
      line('publications', w.publications, ({ publications }) => publications, whole.format),
      line('subscriptions', w.subscriptions, ({ subscriptions }) => subscriptions, whole.format),
      line('notifies', w.notifies, ({ notifiesPerSecond }) => notifiesPerSecond, broken.format),
      line('lag', w.lag, ({ lagMs }) => lagMs, milliseconds, w.lagAbout),
    ],
    bars: {
      ...bars,
      highest: w.highest(whole.format(bars.highest)),
      desc: w.chart(known(refusedOf(minutes.at(-1)), whole.format), whole.format(bars.highest)),
    },
    failures: failures.slice(0, MOST_CODES).map(({ direction, code, count }) => ({
      direction: w.direction[direction],
      kind: direction,
      code: code === 'timeout' || code === 'unreachable' ? w.codes[code] : code,
      count: whole.format(count),
    })),
    table: byFiveMinutes(rows, now).map((span) => ({
      from: clockTime.format(span.from),
      cells: [
        known(span.publications, whole.format),
        known(span.subscriptions, whole.format),
        known(span.notifiesPerSecond, broken.format),
        known(span.lagMs, milliseconds),
        known(refusedOf(span), whole.format),
      ],
    })),
  };
}

const refusedOf = (span: Span | undefined): number | undefined =>
  span?.refusedIn === undefined ? undefined : span.refusedIn + (span.refusedOut ?? 0);

function nodeWords(node: NodeReport, now: number, zone: string, words: Words): object {
  const { server: w } = words.admin;
  const heard = isHeard(node, now);
  return {
    name: hostWords(node),
    state: heard ? w[node.state] : w.gone,
    kind: heard ? node.state : 'gone',
    since: instantWords(node.since, zone, words),
    started: instantWords(node.startedAt, zone, words),
    seenAt: heard ? undefined : node.seenAt,
    version: node.version,
    pid: node.pid,
    listens: node.state === 'serving' ? node.listens : [],
  };
}
