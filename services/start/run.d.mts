import type { DemoPerson } from './demo.mjs';

type Environment = Readonly<Record<string, string | undefined>>;
export function runFromCommandLine(words: readonly string[], environment: Environment): Promise<number>;
export function serve(options: {
  readonly config: {
    readonly domain: string;
    readonly listen: readonly { readonly address: string; readonly port: number }[];
    readonly advertise: string | undefined;
  };
  readonly web: { readonly address: string; readonly port: number };
  readonly environment: Environment;
  readonly say: (line: string) => void;
  readonly scripts: { readonly sip: string; readonly web: string };
  readonly demo?: { readonly people: readonly DemoPerson[]; readonly dataDir: string; readonly script: string };
}): Promise<number>;
