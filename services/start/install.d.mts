type Environment = Readonly<Record<string, string | undefined>>;
export function installStamp(root: string): string;
export function isInstalled(root: string): boolean;
export function install(root: string, environment: Environment, say: (line: string) => void): Promise<void>;
