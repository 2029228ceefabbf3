// node --expose-gc --import ./gc-on-signal.mjs: collects garbage at SIGUSR2, so that memory can be compared
process.on('SIGUSR2', () => { globalThis.gc(); globalThis.gc(); });
