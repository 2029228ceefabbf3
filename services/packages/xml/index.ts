/** XML for event packages: a small immutable tree, read strictly (saxes) and written with fixed prefixes. Pure. */
export * from './element.ts';
export { type ReadXml, readXml, USUAL_LIMITS, type XmlLimits } from './read.ts';
export * from './write.ts';
