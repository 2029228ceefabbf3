/** What the pages about mail say, and the letters, in English and German. */

const lines = (...text: readonly string[]): string => `${text.join('\n')}\n`;

export const forgotEnglish = {
  title: 'Forgot your password?',
  link: 'Forgot your password?',
  lead: 'A link to set a new one comes by mail, if you have given a mail address on the page Security.',
  button: 'Send me a link',
  noMail: 'Without a mail address: ask whoever runs this server for a one-time link.',
  ask: 'This server sends no mail. Please ask whoever runs it for a one-time link: with that you set a new password yourself.',
  done: 'If there is such an account and it has a mail address, a link is on its way.',
  doneHint:
    'It works once, within half an hour. Nothing came? Look among the unwanted mails, or ask whoever runs this server.',
  back: 'Back to the log-in',
} as const;

export const forgotGerman = {
  title: 'Passwort vergessen?',
  link: 'Passwort vergessen?',
  lead: 'Ein Link, mit dem Sie ein neues setzen, kommt per Mail, sofern Sie auf der Seite Sicherheit eine Mail-Adresse angegeben haben.',
  button: 'Link schicken',
  noMail: 'Ohne Mail-Adresse: Bitten Sie den, der diesen Server betreibt, um einen einmaligen Link.',
  ask: 'Dieser Server verschickt keine Mail. Bitten Sie den, der ihn betreibt, um einen einmaligen Link: Damit setzen Sie selbst ein neues Passwort.',
  done: 'Gibt es ein solches Konto und hat es eine Mail-Adresse, so ist ein Link unterwegs.',
  doneHint:
    'Er gilt einmal, eine halbe Stunde lang. Es kam nichts? Sehen Sie bei den unerwünschten Mails nach, oder fragen Sie den, der diesen Server betreibt.',
  back: 'Zurück zur Anmeldung',
} as const;

export const mailEnglish = {
  heading: 'Mail',
  about:
    'Optional. Should you forget your password, a link to set a new one goes there, and word of it when it was changed. Nobody else sees the address, and nothing else is sent there unless you want it.',
  none: 'This server sends no mail. Should you forget your password, ask whoever runs it for a one-time link.',
  is: (address: string) => `Your mail address is ${address}.`,
  unconfirmed: (address: string) => `A link was sent to ${address}. The address counts once you have opened it.`,
  address: 'Mail address',
  button: 'Send a link there',
  wrong: 'This is no mail address. One looks like kim@example.com.',
  busy: 'Too many mails are waiting to be sent. Please try again in a few minutes.',
  sent: (address: string) => `A link is on its way to ${address}. Please open it there.`,
  remove: 'Remove my mail address',
  removed: 'No mail address is kept of you any more.',
  asksAbout: 'When somebody asks to see you, you can be told by mail: once a day at most for each of them.',
  asksOnButton: 'Tell me by mail when somebody asks',
  asksOffButton: 'No mails when somebody asks',
  asksOn: 'You are told by mail when somebody asks.',
  asksOff: 'No mail is sent when somebody asks.',
  confirmTitle: 'Confirm your mail address',
  confirmLead: 'One click, and mails about your account come here.',
  confirmButton: 'This is my address',
  confirmed: (address: string) => `Your mail address is ${address}.`,
  letters: {
    confirm: (account: string, link: string) => ({
      subject: 'Your mail address for Porchlight',
      text: lines(
        `Somebody, most likely you, has given this mail address for the account ${account}.`,
        'Open this link within a day if that is right:',
        '',
        link,
        '',
        'If it was not you, do nothing: without the link nothing is sent here again.',
      ),
    }),
    changed: (account: string, address: string) => ({
      subject: 'Another mail address for Porchlight',
      text: lines(
        `Mails about the account ${account} go to ${address} from now on, and no longer here.`,
        '',
        'If it was not you, set a new password at once, and tell whoever runs the server.',
      ),
    }),
    password: (account: string) => ({
      subject: 'Your password for Porchlight was changed',
      text: lines(
        `The account ${account} has a new password, and other browsers were logged out.`,
        '',
        'If it was not you, set another one at once by “Forgot your password?”, and tell whoever runs the server.',
      ),
    }),
    forgot: (account: string, link: string) => ({
      subject: 'A new password for Porchlight',
      text: lines(
        `Somebody, most likely you, wants to set a new password for the account ${account}.`,
        'This link does it once, within half an hour:',
        '',
        link,
        '',
        'If it was not you, do nothing: your password stays as it is.',
      ),
    }),
    asks: (account: string, names: readonly string[], more: number, link: string) => ({
      subject: names.length === 1 && more === 0 ? `${names[0]} asks to see you` : 'Some people ask to see you',
      text: lines(
        `At Porchlight these ask to see when you are there (${account}):`,
        '',
        ...names.map((name) => `  ${name}`),
        ...(more > 0 ? [`  and ${more} more`] : []),
        '',
        'Let them in or say no here:',
        '',
        link,
        '',
        'You get this because you switched it on, on the page Security, where you can switch it off.',
      ),
    }),
  },
} as const;

export const mailGerman = {
  heading: 'Mail',
  about:
    'Freiwillig. Vergessen Sie Ihr Passwort, so geht ein Link dorthin, mit dem Sie ein neues setzen; auch, dass es geändert wurde, erfahren Sie dort. Niemand sonst sieht die Adresse, und nichts sonst wird dorthin geschickt, außer Sie möchten es.',
  none: 'Dieser Server verschickt keine Mail. Vergessen Sie Ihr Passwort, so bitten Sie den, der ihn betreibt, um einen einmaligen Link.',
  is: (address: string) => `Ihre Mail-Adresse ist ${address}.`,
  unconfirmed: (address: string) =>
    `Ein Link wurde an ${address} geschickt. Die Adresse gilt, sobald Sie ihn geöffnet haben.`,
  address: 'Mail-Adresse',
  button: 'Einen Link dorthin schicken',
  wrong: 'Das ist keine Mail-Adresse. Eine sieht aus wie kim@example.com.',
  busy: 'Zu viele Mails warten auf den Versand. Bitte versuchen Sie es in einigen Minuten noch einmal.',
  sent: (address: string) => `Ein Link ist unterwegs an ${address}. Bitte öffnen Sie ihn dort.`,
  remove: 'Meine Mail-Adresse entfernen',
  removed: 'Von Ihnen ist keine Mail-Adresse mehr gespeichert.',
  asksAbout: 'Möchte jemand Sie sehen, so können Sie es per Mail erfahren: höchstens einmal am Tag für jeden.',
  asksOnButton: 'Mir mailen, wenn jemand fragt',
  asksOffButton: 'Keine Mail, wenn jemand fragt',
  asksOn: 'Sie bekommen eine Mail, wenn jemand fragt.',
  asksOff: 'Fragt jemand, so wird keine Mail geschickt.',
  confirmTitle: 'Mail-Adresse bestätigen',
  confirmLead: 'Ein Klick, und Mails zu Ihrem Konto kommen hierher.',
  confirmButton: 'Das ist meine Adresse',
  confirmed: (address: string) => `Ihre Mail-Adresse ist ${address}.`,
  letters: {
    confirm: (account: string, link: string) => ({
      subject: 'Ihre Mail-Adresse für Porchlight',
      text: lines(
        `Jemand, vermutlich Sie, hat diese Mail-Adresse für das Konto ${account} angegeben.`,
        'Öffnen Sie diesen Link binnen eines Tages, wenn das stimmt:',
        '',
        link,
        '',
        'Waren Sie es nicht, so tun Sie nichts: Ohne den Link wird nichts mehr hierher geschickt.',
      ),
    }),
    changed: (account: string, address: string) => ({
      subject: 'Eine andere Mail-Adresse für Porchlight',
      text: lines(
        `Mails zum Konto ${account} gehen von nun an an ${address} und nicht mehr hierher.`,
        '',
        'Waren Sie es nicht, so setzen Sie sofort ein neues Passwort, und sagen Sie es dem, der den Server betreibt.',
      ),
    }),
    password: (account: string) => ({
      subject: 'Ihr Passwort für Porchlight wurde geändert',
      text: lines(
        `Das Konto ${account} hat ein neues Passwort, und andere Browser wurden abgemeldet.`,
        '',
        'Waren Sie es nicht, so setzen Sie sofort ein anderes über „Passwort vergessen?“, und sagen Sie es dem, der den Server betreibt.',
      ),
    }),
    forgot: (account: string, link: string) => ({
      subject: 'Ein neues Passwort für Porchlight',
      text: lines(
        `Jemand, vermutlich Sie, möchte ein neues Passwort für das Konto ${account} setzen.`,
        'Dieser Link tut es einmal, binnen einer halben Stunde:',
        '',
        link,
        '',
        'Waren Sie es nicht, so tun Sie nichts: Ihr Passwort bleibt, wie es ist.',
      ),
    }),
    asks: (account: string, names: readonly string[], more: number, link: string) => ({
      subject: names.length === 1 && more === 0 ? `${names[0]} möchte Sie sehen` : 'Einige möchten Sie sehen',
      text: lines(
        `Bei Porchlight möchten diese sehen, wann Sie da sind (${account}):`,
        '',
        ...names.map((name) => `  ${name}`),
        ...(more > 0 ? [`  und ${more} weitere`] : []),
        '',
        'Lassen Sie sie hier ein, oder lehnen Sie ab:',
        '',
        link,
        '',
        'Sie bekommen das, weil Sie es auf der Seite Sicherheit eingeschaltet haben; dort schalten Sie es auch ab.',
      ),
    }),
  },
} as const;
