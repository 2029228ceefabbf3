type Environment = Readonly<Record<string, string | undefined>>;
interface DemoConfig {
  readonly dataDir: string;
  readonly databaseUrl: string;
  readonly domain: string;
  readonly realm: string | undefined;
  readonly listen: readonly { readonly transport: 'udp' | 'tcp' }[];
}
export interface DemoPerson {
  readonly name: string;
  readonly password: string;
}
type Built = (name: string) => Promise<Readonly<Record<string, unknown>>>;
export function demoEnvironment(environment: Environment): Environment;
export function refuseForeignDatabase(config: DemoConfig, built: Built): Promise<void>;
export function settleDemo(config: DemoConfig, built: Built): Promise<readonly DemoPerson[]>;
export function demoGreeting(
  demo: { readonly people: readonly DemoPerson[]; readonly dataDir: string; readonly domain: string },
  web: { readonly address: string; readonly port: number; readonly url?: string | undefined },
  lan: string,
): string;
