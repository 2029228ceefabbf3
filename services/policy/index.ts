/**
 * WHO MAY SEE WHAT. Rules × watcher × now → permission (RFC 3856 §6.6, RFC 5025's four sub-handling values). Pure: the SIP side
 * and the portal's preview call the same function. Everybody to the right may enter; this room enters `model` alone.
 */
export * from './decide.ts';
