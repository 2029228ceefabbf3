/** What the page of one's last SIP messages says, in English and German. */

export const traceEnglish = {
  title: 'What my phone says',
  lead: 'The messages between your phones and this server, as they come and go, and what went wrong, in words. For when a phone does not do what it should.',
  about:
    'Switched on, it records your own messages for ten minutes. You alone see them, passwords are not in them, and half an hour later they are gone.',
  off: 'It is off',
  on: 'Record for ten minutes',
  records: (until: string) => `It records until ${until}`,
  longer: 'Ten more minutes from now',
  stop: 'Stop',
  forget: 'Delete the messages',
  isOn: 'It records for ten minutes. Now use your phone.',
  isOff: 'It records no more. What was recorded goes within half an hour.',
  forgotten: 'The recorded messages are deleted.',
  heading: 'The messages',
  nothing: 'Nothing was recorded.',
  nothingYet: 'Nothing has come yet. Switch your phone off and on: it should appear here within seconds.',
  nothingHint:
    'If nothing comes at all, the phone does not reach this server: compare server, port and transport on the page before, and look for a firewall.',
  phone: 'Your phone',
  server: 'Porchlight',
  fromPhone: 'From the phone:',
  toPhone: 'To the phone:',
  at: (phone: string) => `Phone at ${phone}`,
  leftOut: (count: number) =>
    count === 1
      ? 'One message is left out here: there were too many at once.'
      : `${count} messages are left out here: there were too many at once.`,
  trouble: 'Trouble:',
  whole: 'The whole message',
  back: 'Back to My phones',
  link: 'What does my phone say?',
  linkAbout: 'Its last messages, one by one, and what went wrong.',
  asks: {
    publish: 'The phone tells your state for the first time.',
    change: 'The phone tells your new state.',
    refresh: 'The phone says that all is as before.',
    withdraw: 'The phone takes back what it told.',
    watch: (whom: string) => `The phone asks to watch ${whom}.`,
    watchOn: (whom: string) => `The phone goes on watching ${whom}.`,
    unwatch: (whom: string) => `The phone looks at ${whom} once, or stops watching.`,
    register: 'The phone tries to register.',
    options: 'The phone asks whether anybody is there.',
    other: (method: string) => `The phone sends ${method}.`,
  },
  tells: (whom: string, state: string) =>
    state === 'pending'
      ? `The phone is told to wait until ${whom} decides.`
      : state === 'terminated'
        ? `The phone is told that watching ${whom} is over.`
        : `The phone is told about ${whom}.`,
  again: 'The same once more: it seems that the one before got lost.',
  notAnswered: 'This was never answered. If it goes on, please tell whoever runs this server.',
  phoneSilent:
    'The phone never answered, so this did not arrive. A firewall or a router in between may have closed the way: a shorter refresh time in the phone, or TCP, keeps it open.',
  taken: 'Done.',
  takenFor: (seconds: number) => `Done; it holds for ${seconds} seconds.`,
  over: 'Done; it is over.',
  challenged: 'The phone is asked for its password. Every conversation begins so.',
  stale: 'The phone’s answer was right but old. It tries again by itself, with a new one.',
  wrongPassword: 'The password is wrong. Type it into the phone again.',
  wrongName: (theirs: string, ours: string) =>
    `The phone logs in as “${theirs}”, but the user name (for authentication) must be “${ours}”.`,
  wrongRealm: (theirs: string, ours: string) =>
    `The phone answers for the realm “${theirs}”; here it is “${ours}”. Leave the realm empty in the phone, or set it so.`,
  notYours:
    'The phone tells the state of somebody else’s address. The address in the phone must be that of the account it logs in with.',
  notAllowed:
    'This is not allowed: the other side refuses, or the phone’s address is not that of the account it logs in with.',
  notFound: (whom: string) => `There is no ${whom} here. Is the address right, with the domain?`,
  noRegistrar:
    'This server takes presence, not registrations. That does no harm; registering can be switched off in the phone.',
  noMethod: 'The phone asks for something that this server does not do, such as calls.',
  wrongType: (theirs: string, ours: string) =>
    `Phone and server do not speak of it in the same form${theirs === '' ? '' : ` (${theirs})`}. Here it is: ${ours}.`,
  noExtension: (names: string) => `The phone insists on an extension that this server does not have: ${names}.`,
  tooBrief: (seconds: string) => `The phone wants too short a time. At least ${seconds} seconds are asked for here.`,
  noPackage: (theirs: string, ours: string) =>
    `The phone asks about “${theirs}”, which this server does not serve. It serves: ${ours}.`,
  busy: (seconds: string) => `The server has no time, or too much came at once. Again in ${seconds} seconds.`,
  badRequest: (reason: string) => `The message has a mistake (“${reason}”). This is for the phone’s maker to mend.`,
  failures: {
    412: 'The server does not know (any more) what the phone wants to renew. A good phone tells everything anew by itself; if yours does not, switch it off and on.',
    413: 'The message is larger than the server takes.',
    414: 'The address is longer than the server takes.',
    416: 'The address is of a kind that this server does not know. It should begin with sip:',
    481: 'The server does not know (any more) what the phone watches. A good phone asks anew by itself; if yours does not, switch it off and on.',
    482: 'The same message came by two ways at once. Is the phone set to an outbound proxy and to this server besides?',
    505: 'This is not SIP 2.0.',
  },
  ours: 'Something went wrong in the server. It is our fault, and it has been written down.',
  refused: (status: number) => `The server said no (${status}).`,
  phoneTook: 'The phone has it.',
  phoneForgot: 'The phone does not want this any more: it is over.',
  phoneRefused: (status: number) => `The phone said no (${status}).`,
} as const;

export const traceGerman = {
  title: 'Was mein Telefon sagt',
  lead: 'Die Nachrichten zwischen Ihren Telefonen und diesem Server, wie sie kommen und gehen, und was schiefging, in Worten. Für den Fall, dass ein Telefon nicht tut, was es soll.',
  about:
    'Eingeschaltet zeichnet sie zehn Minuten lang Ihre eigenen Nachrichten auf. Nur Sie sehen sie, Passwörter stehen nicht darin, und eine halbe Stunde später sind sie fort.',
  off: 'Sie ist aus',
  on: 'Zehn Minuten aufzeichnen',
  records: (until: string) => `Sie zeichnet auf bis ${until}`,
  longer: 'Von jetzt an zehn Minuten',
  stop: 'Aufhören',
  forget: 'Nachrichten löschen',
  isOn: 'Zehn Minuten lang wird aufgezeichnet. Benutzen Sie jetzt Ihr Telefon.',
  isOff: 'Es wird nichts mehr aufgezeichnet. Was da ist, verschwindet binnen einer halben Stunde.',
  forgotten: 'Die aufgezeichneten Nachrichten sind gelöscht.',
  heading: 'Die Nachrichten',
  nothing: 'Es wurde nichts aufgezeichnet.',
  nothingYet:
    'Noch ist nichts gekommen. Schalten Sie Ihr Telefon aus und wieder ein: Es sollte hier binnen Sekunden erscheinen.',
  nothingHint:
    'Kommt gar nichts, so erreicht das Telefon diesen Server nicht: Vergleichen Sie Server, Port und Transport auf der Seite davor, und suchen Sie nach einer Firewall.',
  phone: 'Ihr Telefon',
  server: 'Porchlight',
  fromPhone: 'Vom Telefon:',
  toPhone: 'An das Telefon:',
  at: (phone: string) => `Telefon bei ${phone}`,
  leftOut: (count: number) =>
    count === 1
      ? 'Hier fehlt eine Nachricht: Es waren zu viele auf einmal.'
      : `Hier fehlen ${count} Nachrichten: Es waren zu viele auf einmal.`,
  trouble: 'Fehler:',
  whole: 'Die ganze Nachricht',
  back: 'Zurück zu Meine Telefone',
  link: 'Was sagt mein Telefon?',
  linkAbout: 'Seine letzten Nachrichten, eine nach der anderen, und was schiefging.',
  asks: {
    publish: 'Das Telefon meldet zum ersten Mal, wie es um Sie steht.',
    change: 'Das Telefon meldet, wie es jetzt um Sie steht.',
    refresh: 'Das Telefon sagt, dass alles ist wie zuvor.',
    withdraw: 'Das Telefon nimmt zurück, was es gemeldet hat.',
    watch: (whom: string) => `Das Telefon möchte ${whom} sehen.`,
    watchOn: (whom: string) => `Das Telefon möchte ${whom} weiter sehen.`,
    unwatch: (whom: string) => `Das Telefon sieht einmal nach ${whom} oder hört damit auf.`,
    register: 'Das Telefon versucht sich zu registrieren.',
    options: 'Das Telefon fragt, ob jemand da ist.',
    other: (method: string) => `Das Telefon sendet ${method}.`,
  },
  tells: (whom: string, state: string) =>
    state === 'pending'
      ? `Das Telefon erfährt, dass es warten muss, bis ${whom} entscheidet.`
      : state === 'terminated'
        ? `Das Telefon erfährt, dass es ${whom} nicht mehr sieht.`
        : `Das Telefon erfährt von ${whom}.`,
  again: 'Dasselbe noch einmal: Das davor ging wohl verloren.',
  notAnswered: 'Das wurde nie beantwortet. Geht es so weiter, sagen Sie es dem, der diesen Server betreibt.',
  phoneSilent:
    'Das Telefon hat nie geantwortet, also kam das nicht an. Eine Firewall oder ein Router dazwischen hat wohl den Weg geschlossen: Eine kürzere Erneuerungszeit im Telefon, oder TCP, hält ihn offen.',
  taken: 'Erledigt.',
  takenFor: (seconds: number) => `Erledigt; es gilt ${seconds} Sekunden.`,
  over: 'Erledigt; es ist vorbei.',
  challenged: 'Das Telefon wird nach seinem Passwort gefragt. So beginnt jedes Gespräch.',
  stale: 'Die Antwort des Telefons war richtig, aber alt. Es versucht es von selbst noch einmal mit einer neuen.',
  wrongPassword: 'Das Passwort ist falsch. Geben Sie es noch einmal in das Telefon ein.',
  wrongName: (theirs: string, ours: string) =>
    `Das Telefon meldet sich als „${theirs}“ an, der Benutzername (zur Anmeldung) muss aber „${ours}“ sein.`,
  wrongRealm: (theirs: string, ours: string) =>
    `Das Telefon antwortet für den Bereich (Realm) „${theirs}“; hier heißt er „${ours}“. Lassen Sie ihn im Telefon leer, oder tragen Sie diesen ein.`,
  notYours:
    'Das Telefon meldet für die Adresse eines anderen. Die Adresse im Telefon muss die des Kontos sein, mit dem es sich anmeldet.',
  notAllowed:
    'Das ist nicht erlaubt: Die andere Seite lehnt ab, oder die Adresse des Telefons ist nicht die des Kontos, mit dem es sich anmeldet.',
  notFound: (whom: string) => `${whom} gibt es hier nicht. Stimmt die Adresse, mit der Domäne?`,
  noRegistrar:
    'Dieser Server nimmt Präsenz an, keine Registrierungen. Das schadet nicht; im Telefon lässt sich das Registrieren abschalten.',
  noMethod: 'Das Telefon möchte etwas, das dieser Server nicht tut, etwa anrufen.',
  wrongType: (theirs: string, ours: string) =>
    `Telefon und Server sprechen nicht in derselben Form davon${theirs === '' ? '' : ` (${theirs})`}. Hier ist es: ${ours}.`,
  noExtension: (names: string) => `Das Telefon besteht auf einer Erweiterung, die dieser Server nicht hat: ${names}.`,
  tooBrief: (seconds: string) =>
    `Das Telefon möchte eine zu kurze Zeit. Hier werden mindestens ${seconds} Sekunden verlangt.`,
  noPackage: (theirs: string, ours: string) =>
    `Das Telefon fragt nach „${theirs}“, das dieser Server nicht führt. Er führt: ${ours}.`,
  busy: (seconds: string) =>
    `Der Server hat keine Zeit, oder es kam zu viel auf einmal. Wieder in ${seconds} Sekunden.`,
  badRequest: (reason: string) =>
    `Die Nachricht hat einen Fehler („${reason}“). Das kann nur der Hersteller des Telefons beheben.`,
  failures: {
    412: 'Der Server weiß nichts (mehr) von dem, was das Telefon erneuern möchte. Ein gutes Telefon meldet von selbst alles neu; tut Ihres das nicht, schalten Sie es aus und wieder ein.',
    413: 'Die Nachricht ist größer, als der Server annimmt.',
    414: 'Die Adresse ist länger, als der Server annimmt.',
    416: 'Die Adresse ist von einer Art, die dieser Server nicht kennt. Sie sollte mit sip: beginnen.',
    481: 'Der Server weiß nichts (mehr) von dem, was das Telefon sehen möchte. Ein gutes Telefon fragt von selbst neu; tut Ihres das nicht, schalten Sie es aus und wieder ein.',
    482: 'Dieselbe Nachricht kam auf zwei Wegen zugleich. Ist im Telefon ein ausgehender Proxy eingestellt und dieser Server dazu?',
    505: 'Das ist kein SIP 2.0.',
  },
  ours: 'Im Server ging etwas schief. Es ist unser Fehler und aufgeschrieben.',
  refused: (status: number) => `Der Server hat abgelehnt (${status}).`,
  phoneTook: 'Das Telefon hat es.',
  phoneForgot: 'Das Telefon möchte das nicht mehr: Es ist vorbei.',
  phoneRefused: (status: number) => `Das Telefon hat abgelehnt (${status}).`,
} as const;
