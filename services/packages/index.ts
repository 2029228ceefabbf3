/**
 * EVENT PACKAGES (RFC 6665 §5.4). contract.ts says what a package is, host.ts how the server calls one, registry.ts which
 * are loaded now. Packages are pure; they never see the store, the network or the clock.
 */
export * from './contract.ts';
