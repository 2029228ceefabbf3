import { describe, expect, it } from 'vitest';
import { readXml, writeXml, type XmlElement } from '../../services/packages/xml/index.ts';
import { composeBytes, readBody } from '../support/presence.ts';
import { describeWithXmllint, validateXml } from '../support/validate-xml.ts';
import { forAll, inTime, TIMEOUT_MS } from './budget.ts';
import { mutated, TAGS } from './mutate.ts';
import { DOCUMENTS } from './seeds.ts';

const NOON = Date.UTC(2026, 10, 22, 12, 0, 0);

/** What a watcher is sent of this body; undefined when it is refused. */
function told(body: string | Uint8Array): Uint8Array | undefined {
  const read = readBody(body);
  if (read.kind !== 'document') return undefined;
  return composeBytes([{ document: read.document, id: 'pubA', modifiedAt: NOON }], NOON);
}

describe('presence documents', { timeout: TIMEOUT_MS }, () => {
  it('bodies of clients and golden documents, mutated: read or refused, soon, and never a crash', () => {
    forAll(mutated(DOCUMENTS, TAGS), (text) => {
      inTime(() => {
        const read = readBody(text);
        if (read.kind === 'malformed') expect(read.why).not.toMatch(/[\r\n]/);
        told(text);
      });
    });
  });

  it('what we tell of them is read again, and told again it is the same to the byte', () => {
    forAll(mutated(DOCUMENTS, TAGS), (text) => {
      const first = told(text);
      if (first === undefined) return;
      const again = told(first);
      expect(again && Buffer.from(again).toString('utf8')).toBe(Buffer.from(first).toString('utf8'));
    });
  });
});

describe('XML', { timeout: TIMEOUT_MS }, () => {
  it('what is written of any tree that was read reads back as the same tree', () => {
    forAll(mutated(DOCUMENTS, TAGS), (text) => {
      const read = inTime(() => readXml(Buffer.from(text)));
      if (read.kind === 'refused') return;
      const written = writeXml(read.root, new Map());
      const back = readXml(written);
      expect(back.kind).toBe('document');
      if (back.kind === 'document') expect(withoutPrefixes(back.root)).toEqual(withoutPrefixes(read.root));
    });
  });
});

/** Prefixes are ours to choose; what they stand for is not. */
function withoutPrefixes(root: XmlElement): unknown {
  const attributes = root.attributes.map(({ namespace, name, value }) => [namespace, name, value]).sort();
  const children = root.children.map((child) => (typeof child === 'string' ? child : withoutPrefixes(child)));
  return [root.namespace, root.name, attributes, children];
}

describeWithXmllint('presence documents', () => {
  it('what we tell of whatever we accept is valid by the schemas', { timeout: TIMEOUT_MS }, () => {
    const documents: Uint8Array[] = [];
    forAll(mutated(DOCUMENTS, TAGS), (text) => {
      const document = told(text);
      if (document === undefined) return;
      documents.push(document);
      if (documents.length >= 500) expect(validateXml(documents.splice(0))).toBe('');
    });
    expect(validateXml(documents)).toBe('');
  });
});
