export function readEnvFile(path?: string): string | undefined;
