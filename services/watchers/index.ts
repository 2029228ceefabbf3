/**
 * WHO WATCHES AND WHO ASKS (RFC 3857 §4.7): the subscriptions of one package as the watcher information of another tells
 * of them. Knows what became of each, has the package make the document for one phone of the presentity, and says on the
 * bell when there is something to tell. Keeps the questions that outlived their subscriptions until they are answered.
 * `notify` and `subscribe` enter, and tell it what happens. Never sends, never decides who may see what.
 */
export * from './register.ts';
export { MOST_AT_PRESENTITY, MOST_BY_WATCHER, WAITING_MS } from './waiting.ts';
