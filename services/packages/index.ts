/**
 * EVENT PACKAGES (RFC 6665 §5.4). contract.ts says what a package is, host.ts how the server calls one, load.ts and
 * registry.ts which are loaded now, xml/ how packages read and write XML, presence/ is the package of RFC 3856. Everybody
 * to the right may enter; this room enters `model` and `runtime`. Packages are pure; they never see the store, the network
 * or the clock.
 */
export * from './accept.ts';
export { type ContractCheck, checkContract } from './check-contract.ts';
export * from './contract.ts';
export * from './host.ts';
export { type ImportModule, loadPackage } from './load.ts';
export {
  type OwnStatus,
  type Pidf,
  type PresenceState,
  type PresenceSummary,
  presencePackage,
  summarise,
  writeStatus,
} from './presence/index.ts';
export * from './registry.ts';
