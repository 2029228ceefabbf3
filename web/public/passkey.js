// Passkeys (WebAuthn): the form carries what the server asks of the browser, and takes the browser's answer to it.

const FIELDS = ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle'];

const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
const withBytes = (key) => ({ ...key, id: toBytes(key.id) });

export function beginPasskey(form) {
  const [button] = form.getElementsByTagName('button');
  const trouble = form.querySelector('[data-trouble]');
  form.querySelector('[data-needs-script]').remove();
  if (!('PublicKeyCredential' in globalThis)) {
    trouble.hidden = false;
    return;
  }
  button.disabled = false;
  form.addEventListener('submit', async (event) => {
    if (form.elements.response.value !== '') return;
    event.preventDefault();
    button.disabled = true;
    trouble.hidden = true;
    try {
      form.elements.response.value = JSON.stringify(
        await answerOf(form.dataset.passkey, JSON.parse(form.dataset.options)),
      );
      form.submit();
    } catch {
      // Its user has said no, or has no such key; which of both is nobody's business.
      trouble.hidden = false;
      button.disabled = false;
    }
  });
  if (form.dataset.atOnce !== undefined) form.requestSubmit();
}

async function answerOf(what, { challenge, user, excludeCredentials, allowCredentials, ...rest }) {
  const publicKey = {
    ...rest,
    challenge: toBytes(challenge),
    ...(user && { user: { ...user, id: toBytes(user.id) } }),
    ...(excludeCredentials && { excludeCredentials: excludeCredentials.map(withBytes) }),
    ...(allowCredentials && { allowCredentials: allowCredentials.map(withBytes) }),
  };
  const key = await navigator.credentials[what]({ publicKey });
  const response = { transports: key.response.getTransports?.() ?? [] };
  for (const name of FIELDS) if (key.response[name]) response[name] = toText(key.response[name]);
  return {
    id: key.id,
    rawId: toText(key.rawId),
    type: key.type,
    response,
    clientExtensionResults: key.getClientExtensionResults(),
  };
}
