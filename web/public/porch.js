// Comforts. Every page and form works the same without this file; only what changes by itself needs it.
import { beginLive } from './live.js';

const words = document.body.dataset;

// A button beside each password that shows what was typed.
for (const input of document.querySelectorAll('input[type=password]')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'quiet peek';
  button.textContent = words.show;
  button.setAttribute('aria-label', words.showPassword);
  button.setAttribute('aria-pressed', 'false');
  button.addEventListener('click', () => {
    const shown = input.type === 'text';
    input.type = shown ? 'password' : 'text';
    button.textContent = shown ? words.show : words.hide;
    button.setAttribute('aria-pressed', String(!shown));
  });
  // A browser must not remember a shown password as ordinary text.
  input.form?.addEventListener('submit', () => {
    input.type = 'password';
  });
  input.after(button);
}

// Where the clock on the wall hangs: for days, dates and their ends.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const input of document.querySelectorAll('input[data-zone]')) input.value = zone;
// biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store is not there on plain HTTP.
document.cookie = `porchlight_zone=${zone}; path=/; max-age=31536000; samesite=lax`;

// A button beside each text that is to be entered elsewhere. The clipboard is there on https and localhost only.
if (navigator.clipboard !== undefined) {
  for (const text of document.querySelectorAll('[data-copy]:not(body)')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'quiet copy';
    button.textContent = words.copy;
    button.addEventListener('click', async () => {
      await navigator.clipboard.writeText(text.textContent ?? '');
      button.textContent = words.copied;
      setTimeout(() => {
        button.textContent = words.copy;
      }, 2000);
    });
    text.after(' ', button);
  }
}

// A browser asks its user only after a click, and only on https and localhost.
const ask = document.querySelector('[data-notify]');
if (ask !== null && 'Notification' in globalThis && isSecureContext) {
  const tell = () => {
    if (Notification.permission !== 'default') {
      ask.textContent = Notification.permission === 'granted' ? ask.dataset.on : ask.dataset.no;
      ask.className = 'hint';
    }
    ask.hidden = false;
  };
  ask.querySelector('button').addEventListener('click', async () => {
    await Notification.requestPermission();
    tell();
  });
  tell();
}

const passkey = document.querySelector('form[data-passkey]');
if (passkey !== null) (await import('./passkey.js')).beginPasskey(passkey);

if (words.asking !== undefined) beginLive();
