/**
 * Loaded into each service before its own code: when the parent is killed and cannot say good-bye, the channel to it
 * closes, and the service ends as it would at SIGTERM, instead of keeping the port from the next start.
 */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
