type Environment = Readonly<Record<string, string | undefined>>;
export function inputStamp(root: string): string;
export function isBuilt(root: string): boolean;
export function build(root: string, environment: Environment, say: (line: string) => void): Promise<void>;
export function copyAssets(root: string): void;
