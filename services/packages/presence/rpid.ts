import {
  attributeOf,
  element,
  elementsOf,
  textOf,
  XML_NAMESPACE,
  type XmlAttribute,
  type XmlElement,
} from '../xml/index.ts';
import { mustBeUnderstood, tidyAttributes } from './attributes.ts';
import { RPID } from './names.ts';
import { isLanguage, readInstant, readUri } from './values.ts';

type Tidy = (extension: XmlElement) => XmlElement | undefined;

const ACTIVITIES = words(
  'appointment away breakfast busy dinner holiday in-transit looking-for-work meal meeting on-the-phone performance',
  'permanent-absence playing presentation shopping sleeping spectator steering travel tv vacation working worship',
);
const MOODS = words(
  'afraid amazed angry annoyed anxious ashamed bored brave calm cold confused contented cranky curious depressed',
  'disappointed disgusted distracted embarrassed excited flirtatious frustrated grumpy guilty happy hot humbled',
  'humiliated hungry hurt impressed in_awe in_love indignant interested invincible jealous lonely mean moody nervous',
  'neutral offended playful proud relieved remorseful restless sad sarcastic serious shocked shy sick sleepy stressed',
  'surprised thirsty worried',
);
const RELATIONSHIPS = words('assistant associate family friend self supervisor unknown');
const SERVICE_CLASSES = words('courier electronic freight in-person postal unknown');
const SPHERES = words('home work unknown');
const NOTHING = words('');
const PLACES: readonly (readonly [string, ReadonlySet<string>])[] = [
  ['audio', words('noisy ok quiet unknown')],
  ['video', words('toobright ok dark unknown')],
  ['text', words('uncomfortable inappropriate ok unknown')],
];

function words(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.join(' ').split(' '));
}

/**
 * Brings an RPID element into the form of RFC 4480 §5.1; undefined when nothing valid is left.
 * @param tidy for elements of other namespaces in it.
 * @param tidyUnknown for elements that the schema does not describe: these pass like foreign ones.
 */
export function tidyRpid(of: XmlElement, tidy: Tidy, tidyUnknown: Tidy): XmlElement | undefined {
  switch (of.name) {
    case 'activities':
      return list(of, ACTIVITIES, tidy, true);
    case 'mood':
      return list(of, MOODS, tidy, false);
    case 'place-type':
      return one(of, NOTHING, true, false, tidy, timed(of));
    case 'relationship':
      return one(of, RELATIONSHIPS, true, false, tidy, []);
    case 'service-class':
      return one(of, SERVICE_CLASSES, false, false, tidy, []);
    case 'sphere':
      return one(of, SPHERES, false, true, tidy, timed(of));
    case 'privacy':
      return privacy(of, tidy);
    case 'place-is':
      return placeIs(of);
    case 'class':
      return rpid('class', [], [textOf(of).trim()]);
    case 'status-icon': {
      const uri = readUri(textOf(of));
      return uri === undefined ? undefined : rpid(of.name, timed(of), [uri]);
    }
    case 'time-offset': {
      const minutes = textOf(of).trim();
      const description = attributeOf(of, 'description');
      const also =
        description === undefined ? [] : [{ namespace: '', prefix: '', name: 'description', value: description }];
      return /^[+-]?\d{1,5}$/.test(minutes) ? rpid(of.name, [...timed(of), ...also], [minutes]) : undefined;
    }
    case 'user-input':
      return userInput(of);
    default:
      return tidyUnknown(of);
  }
}

function rpid(name: string, attributes: readonly XmlAttribute[], children: XmlElement['children']): XmlElement {
  return { namespace: RPID, name, prefix: 'rpid', attributes, children };
}

/** What the schema gives a namespace of its own to check: from, until, id; anything of other namespaces may stand beside. */
function timed(of: XmlElement): readonly XmlAttribute[] {
  if (of.attributes.length === 0) return of.attributes;
  const kept: XmlAttribute[] = [];
  for (const attribute of tidyAttributes(of.attributes)) {
    if (attribute.namespace !== '') kept.push(attribute);
    else if (attribute.name === 'id') kept.push(attribute);
    else if (attribute.name === 'from' || attribute.name === 'until') {
      const instant = readInstant(attribute.value);
      if (instant !== undefined) kept.push({ ...attribute, value: instant.text });
    }
  }
  return kept;
}

function notes(of: XmlElement): readonly XmlElement[] {
  return elementsOf(of)
    .filter((child) => child.namespace === RPID && child.name === 'note')
    .map(noteLike);
}

/** `note` and `other`: text with a language. */
function noteLike(of: XmlElement): XmlElement {
  const language = of.attributes.filter(
    ({ namespace, name, value }) => namespace === XML_NAMESPACE && name === 'lang' && isLanguage(value),
  );
  return rpid(of.name, language, [textOf(of)]);
}

/** The values of an enumeration, tidied; undefined when one that must be understood had to be left out. */
function values(
  of: XmlElement,
  known: ReadonlySet<string>,
  other: boolean,
  tidy: Tidy,
): readonly XmlElement[] | undefined {
  const kept: XmlElement[] = [];
  for (const child of elementsOf(of)) {
    if (child.namespace === RPID && child.name === 'note') continue;
    const value =
      child.namespace !== RPID
        ? child.namespace === ''
          ? undefined
          : tidy(child)
        : known.has(child.name)
          ? element(RPID, child.name)
          : other && child.name === 'other'
            ? noteLike(child)
            : undefined;
    if (value !== undefined) kept.push(value);
    else if (mustBeUnderstood(child)) return undefined;
  }
  return kept;
}

/** Any number of values, or `unknown` alone. */
function list(of: XmlElement, known: ReadonlySet<string>, tidy: Tidy, mayBeEmpty: boolean): XmlElement | undefined {
  const kept = values(of, known, true, tidy);
  if (kept === undefined) return undefined;
  const unknown = elementsOf(of).some((child) => child.namespace === RPID && child.name === 'unknown');
  const said = kept.length > 0 ? kept : unknown ? [element(RPID, 'unknown')] : [];
  return said.length === 0 && !mayBeEmpty ? undefined : rpid(of.name, timed(of), [...notes(of), ...said]);
}

/** One of ours, or any number of foreign ones. */
function one(
  of: XmlElement,
  known: ReadonlySet<string>,
  other: boolean,
  mayBeEmpty: boolean,
  tidy: Tidy,
  attributes: readonly XmlAttribute[],
): XmlElement | undefined {
  const kept = values(of, known, other, tidy);
  const first = kept?.[0];
  if (kept === undefined) return undefined;
  if (first === undefined) return mayBeEmpty ? rpid(of.name, attributes, []) : undefined;
  const said = first.namespace === RPID ? [first] : kept.filter(({ namespace }) => namespace !== RPID);
  // Of these only <sphere> has no room for notes.
  return rpid(of.name, attributes, of.name === 'sphere' ? said : [...notes(of), ...said]);
}

function privacy(of: XmlElement, tidy: Tidy): XmlElement | undefined {
  const kept = values(of, words('audio text video unknown'), false, tidy);
  if (kept === undefined) return undefined;
  const said = ['audio', 'text', 'video'].flatMap((name) => kept.find((value) => isRpid(value, name)) ?? []);
  const foreign = kept.filter(({ namespace }) => namespace !== RPID);
  const all = [...said, ...foreign];
  const unknown = kept.find((value) => isRpid(value, 'unknown'));
  return rpid(of.name, timed(of), [...notes(of), ...(all.length === 0 && unknown !== undefined ? [unknown] : all)]);
}

function isRpid(of: XmlElement, name: string): boolean {
  return of.namespace === RPID && of.name === name;
}

function placeIs(of: XmlElement): XmlElement {
  const places: XmlElement[] = [];
  for (const [medium, qualities] of PLACES) {
    const place = elementsOf(of).find((child) => isRpid(child, medium));
    const quality = place && elementsOf(place).find((child) => child.namespace === RPID && qualities.has(child.name));
    if (quality !== undefined) places.push(element(RPID, medium, {}, [element(RPID, quality.name)]));
  }
  return rpid(of.name, timed(of), [...notes(of), ...places]);
}

function userInput(of: XmlElement): XmlElement | undefined {
  const input = textOf(of).trim();
  if (input !== 'active' && input !== 'idle') return undefined;
  const attributes: XmlAttribute[] = [];
  for (const attribute of tidyAttributes(of.attributes)) {
    if (attribute.namespace !== '' || attribute.name === 'id') attributes.push(attribute);
    else if (attribute.name === 'idle-threshold') {
      if (/^\s*[1-9]\d{0,8}\s*$/.test(attribute.value)) attributes.push(attribute);
    } else if (attribute.name === 'last-input') {
      const instant = readInstant(attribute.value);
      if (instant !== undefined) attributes.push({ ...attribute, value: instant.text });
    }
  }
  return rpid(of.name, attributes, [input]);
}
