/**
 * PUBLISH (RFC 3903 §6): the event state compositor's side of one request, as a table of steps, one file per step. Ends
 * with a committed publication and a Change on the bell; what watchers are told of it is not this room's business.
 */
export * from './publish.ts';
