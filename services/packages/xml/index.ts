/** XML for event packages: a small immutable tree, read strictly (saxes) and written with fixed prefixes. Pure. */
export * from './element.ts';
export * from './read.ts';
export * from './write.ts';
