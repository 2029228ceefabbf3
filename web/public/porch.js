// Small comforts. Every page works the same without this file.

// A button beside each password that shows what was typed.
for (const input of document.querySelectorAll('input[type=password]')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'quiet peek';
  button.textContent = 'Show';
  button.setAttribute('aria-label', 'Show the password');
  button.setAttribute('aria-pressed', 'false');
  button.addEventListener('click', () => {
    const shown = input.type === 'text';
    input.type = shown ? 'password' : 'text';
    button.textContent = shown ? 'Show' : 'Hide';
    button.setAttribute('aria-pressed', String(!shown));
  });
  // A browser must not remember a shown password as ordinary text.
  input.form?.addEventListener('submit', () => {
    input.type = 'password';
  });
  input.after(button);
}

// The lamp follows the phone: looks for news every few seconds, while somebody looks at the page.
const live = document.querySelector('[data-live]');
const EVERY_MS = 4000;

async function look() {
  const shown = document.querySelector('[data-live]');
  const busy = shown.contains(document.activeElement) || shown.querySelector('details[open]') !== null;
  if (document.visibilityState !== 'visible' || busy) return true;
  const answer = await fetch(location.pathname, { headers: { 'x-porchlight-looking': '1' }, redirect: 'manual' });
  if (answer.type === 'opaqueredirect') return false;
  if (!answer.ok) return true;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  for (const part of ['[data-live]', '.top nav']) {
    const now = document.querySelector(part);
    const next = page.querySelector(part);
    if (now !== null && next !== null && !now.contains(document.activeElement)) now.replaceWith(next);
  }
  return true;
}

function lookAgain() {
  setTimeout(async () => {
    if (await look().catch(() => true)) lookAgain();
  }, EVERY_MS);
}

if (live !== null) lookAgain();
