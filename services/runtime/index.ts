/**
 * THE FLOOR. Clock, deadlines, per-key lanes, random, configuration, log, shutdown. No domain words.
 * Everybody but `model` may enter; this room enters nobody's. Only here are `Date.now`, timers and `process.env` touched.
 */
export * from './broom.ts';
export * from './clock.ts';
export * from './config.ts';
export * from './deadlines.ts';
export * from './detached.ts';
export * from './hash-of.ts';
export * from './key-file.ts';
export * from './key-ring.ts';
export * from './lanes.ts';
export * from './log.ts';
export * from './once.ts';
export * from './random.ts';
export * from './shutdown.ts';
export * from './steady-map.ts';
export * from './turns.ts';
export * from './wide-map.ts';
