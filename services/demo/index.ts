/**
 * THE DEMO, `npm start -- --demo`: three made-up people and their phones, for a newcomer to look at. The phones are user
 * agents of their own (RFC 3903 EPA, RFC 6665 subscriber) in a process of their own, and know of the service what any phone
 * does: its address, a name and a password. Only settleHousehold touches the store, before the services start. Whoever
 * starts Porchlight enters; without it no account is ever made here, and no password is the same twice.
 */
export { DAY } from './day.ts';
export { describeDeed, minuteOf } from './deed.ts';
export { demoRefusal, type Household, type HouseholdNeeds, type Person, settleHousehold } from './household.ts';
export { DEVICES, type Device, PEOPLE, RULES } from './people.ts';
export { type PlayOptions, playDays } from './play.ts';
