// What changes by itself: the parts of a page marked data-live, its title, and the number beside Watchers. The server says
// «look again» over a stream of events; the page is then fetched as anybody would, and its parts are put in the place of
// the old ones. Where no stream gets through, it looks every few seconds.

const LOOKING = { headers: { 'x-porchlight-looking': '1' }, redirect: 'manual' };
const POLL_MS = 10_000;
/** Browsers call timers of hidden pages once a minute at most. */
const HIDDEN_MS = 30_000;
/** A page that is hidden for this long gives its connection back: browsers have six for all pages of a server. */
const REST_MS = 15_000;

const parts = () => [...document.querySelectorAll('[data-live]')];
const topics = new Set(parts().flatMap((part) => (part.dataset.topics ?? '').split(' ')));
let asking = Number(document.body.dataset.asking);
let stream;
let resting;
let polling;
let waiting = false;
let later;

export function beginLive() {
  document.addEventListener('visibilitychange', wakeOrRest);
  // What could not be replaced while somebody was in it is looked at when they leave.
  document.addEventListener('focusout', () => setTimeout(() => waiting && look(), 300));
  lookLater();
  open();
}

/** What ends by itself at a moment that the page knows, nobody tells. */
function lookLater() {
  clearTimeout(later);
  const moments = [...document.querySelectorAll('[data-look-at]')].map(({ dataset }) => Number(dataset.lookAt));
  const next = Math.min(...moments.filter((at) => at > Date.now()));
  if (Number.isFinite(next)) later = setTimeout(look, next - Date.now() + 500);
}

function wakeOrRest() {
  clearTimeout(resting);
  if (document.visibilityState === 'hidden') {
    resting = setTimeout(() => {
      stream?.close();
      stream = undefined;
      schedule();
    }, REST_MS);
  } else if (stream === undefined || stream.readyState === EventSource.CLOSED) {
    look();
    open();
  }
}

function open() {
  clearTimeout(polling);
  stream?.close();
  const watched = ['phones', 'trace', 'server'].find((topic) => topics.has(topic));
  stream = new EventSource(watched === undefined ? '/live' : `/live?on=${watched}`);
  let first = true;
  stream.addEventListener('open', () => {
    // What happened while the stream was away was told to nobody.
    if (!first) look();
    first = false;
  });
  stream.addEventListener('news', ({ data }) => {
    const news = JSON.parse(data);
    tellAsking(news.asking);
    if (news.topics.some((topic) => topics.has(topic))) look();
  });
  stream.addEventListener('error', () => {
    if (stream?.readyState === EventSource.CLOSED) schedule();
  });
}

/** Without a stream: hidden pages ask for the number alone, and try the stream again when somebody comes back. */
function schedule() {
  clearTimeout(polling);
  const hidden = document.visibilityState === 'hidden';
  polling = setTimeout(
    async () => {
      const going = await (hidden ? lookAtNews() : look());
      if (going && (stream === undefined || stream.readyState === EventSource.CLOSED)) schedule();
    },
    hidden ? HIDDEN_MS : POLL_MS,
  );
}

async function lookAtNews() {
  const answer = await fetch('/live/news', LOOKING).catch(() => undefined);
  if (answer?.status === 401) return false;
  if (answer?.ok) tellAsking((await answer.json()).asking);
  return true;
}

let looking = false;
let again = false;

/** @returns false when there is nothing more to look for: the session has ended. */
async function look() {
  if (looking) {
    again = true;
    return true;
  }
  looking = true;
  const answer = await fetch(location.href, LOOKING).catch(() => undefined);
  looking = false;
  if (answer?.type === 'opaqueredirect') {
    stream?.close();
    return false;
  }
  if (answer?.ok) put(new DOMParser().parseFromString(await answer.text(), 'text/html'));
  if (again) {
    again = false;
    return look();
  }
  return true;
}

function put(page) {
  waiting = false;
  for (const part of parts()) {
    const next = page.querySelector(`[data-live="${part.dataset.live}"]`);
    if (next === null || said(part) === said(next)) continue;
    if (part.contains(document.activeElement) || hasSelection(part)) {
      waiting = true;
      continue;
    }
    for (const details of part.querySelectorAll('details[open]')) {
      const twin = [...next.querySelectorAll('details')][[...part.querySelectorAll('details')].indexOf(details)];
      if (twin !== undefined) twin.open = true;
    }
    part.replaceWith(next);
  }
  const nav = document.querySelector('.top nav');
  const nextNav = page.querySelector('.top nav');
  if (nextNav !== null && !nav.contains(document.activeElement) && said(nav) !== said(nextNav))
    nav.replaceWith(nextNav);
  tellAsking(Number(page.body.dataset.asking));
  lookLater();
}

/** What a reader sees of it: each rendering has another token in its forms. */
function said(part) {
  const copy = part.cloneNode(true);
  for (const input of copy.querySelectorAll('input[name=_csrf]')) input.remove();
  for (const details of copy.querySelectorAll('details')) details.removeAttribute('open');
  return copy.innerHTML;
}

function hasSelection(part) {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && part.contains(selection.anchorNode);
}

function tellAsking(count) {
  if (Number.isNaN(count) || count === asking) return;
  const more = count > asking;
  asking = count;
  document.title = document.title.replace(/^(\(\d+\) )?/, count > 0 ? `(${count}) ` : '');
  const words = document.body.dataset;
  document.querySelector('#news').textContent = more ? words.somebodyAsks : '';
  if (!more || document.visibilityState === 'visible') return;
  if (!('Notification' in globalThis) || Notification.permission !== 'granted') return;
  const notice = new Notification(words.somebodyAsks, { body: words.somebodyAsksBody, tag: 'porchlight-asks' });
  notice.addEventListener('click', () => {
    focus();
    location.assign('/watchers');
  });
}
