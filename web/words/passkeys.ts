/** What the pages of passkeys say, in English and German. */

export const passkeyEnglish = {
  title: 'Log in with a passkey',
  link: 'Log in with a passkey',
  instead: 'Use a passkey instead',
  lead: 'Your browser asks which one, and for your finger, your face or its PIN.',
  button: 'Use my passkey',
  back: 'Back to the password',
  stopped: 'It was stopped, or this browser has no such passkey. You can try again.',
  failed: 'This passkey opens nothing here.',
  late: 'That took too long. Please try again.',
  needsScript: 'Passkeys need JavaScript, which is switched off in this browser.',
  notHere: 'Browsers have passkeys only on an encrypted connection (https) to a server with a name.',
} as const;

export const passkeyGerman = {
  title: 'Mit einem Passkey anmelden',
  link: 'Mit einem Passkey anmelden',
  instead: 'Stattdessen einen Passkey benutzen',
  lead: 'Ihr Browser fragt, welchen, und nach Ihrem Finger, Ihrem Gesicht oder seiner PIN.',
  button: 'Meinen Passkey benutzen',
  back: 'Zurück zum Passwort',
  stopped: 'Es wurde abgebrochen, oder dieser Browser hat keinen solchen Passkey. Sie können es noch einmal versuchen.',
  failed: 'Dieser Passkey öffnet hier nichts.',
  late: 'Das hat zu lange gedauert. Bitte versuchen Sie es noch einmal.',
  needsScript: 'Passkeys brauchen JavaScript, das in diesem Browser abgeschaltet ist.',
  notHere: 'Passkeys haben Browser nur über eine verschlüsselte Verbindung (https) zu einem Server mit einem Namen.',
} as const;

export const passkeysEnglish = {
  heading: 'Passkeys',
  about:
    'A key in your computer, your phone or your pocket opens this page without a password and without a code. It cannot be guessed, and it works on no page that only looks like this one. Your phones’ SIP is not affected.',
  name: 'Where will the key be?',
  nameHint: 'As you like to call it: laptop, phone, blue key.',
  button: 'Make a passkey',
  make: 'Make a passkey',
  makeLead: (label: string) => `Your browser asks where “${label}” shall be kept.`,
  makeButton: 'Make it now',
  since: 'Made',
  lastUsed: 'Last used',
  never: 'Never used.',
  remove: 'Remove',
  added: (label: string) => `The passkey “${label}” opens this page from now on.`,
  removed: 'That passkey opens nothing any more. Your browser may still offer it: it can be deleted there.',
  needName: 'Please give the key a name.',
  tooMany: (count: number) => `You have ${count} already. Please remove one that is no longer needed.`,
  failed: 'The browser’s answer was not right. Please try again.',
  late: 'That took too long. Please try again.',
} as const;

export const passkeysGerman = {
  heading: 'Passkeys',
  about:
    'Ein Schlüssel in Ihrem Computer, Ihrem Telefon oder Ihrer Tasche öffnet diese Seite ohne Passwort und ohne Code. Erraten lässt er sich nicht, und auf einer Seite, die nur so aussieht wie diese, tut er nichts. Das SIP Ihrer Telefone ist davon nicht berührt.',
  name: 'Wo wird der Schlüssel sein?',
  nameHint: 'Wie Sie ihn nennen möchten: Laptop, Telefon, blauer Schlüssel.',
  button: 'Passkey anlegen',
  make: 'Passkey anlegen',
  makeLead: (label: string) => `Ihr Browser fragt, wo „${label}“ aufbewahrt werden soll.`,
  makeButton: 'Jetzt anlegen',
  since: 'Angelegt',
  lastUsed: 'Zuletzt benutzt',
  never: 'Nie benutzt.',
  remove: 'Entfernen',
  added: (label: string) => `Der Passkey „${label}“ öffnet von nun an diese Seite.`,
  removed: 'Dieser Passkey öffnet nichts mehr. Vielleicht bietet Ihr Browser ihn noch an: Dort lässt er sich löschen.',
  needName: 'Bitte geben Sie dem Schlüssel einen Namen.',
  tooMany: (count: number) => `Sie haben schon ${count}. Bitte entfernen Sie einen, den Sie nicht mehr brauchen.`,
  failed: 'Die Antwort des Browsers stimmte nicht. Bitte versuchen Sie es noch einmal.',
  late: 'Das hat zu lange gedauert. Bitte versuchen Sie es noch einmal.',
} as const;
