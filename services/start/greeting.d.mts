export function greeting(
  config: {
    readonly domain: string;
    readonly listen: readonly { readonly transport: 'udp' | 'tcp'; readonly address: string; readonly port: number }[];
    readonly advertise: string | undefined;
  },
  web: { readonly address: string; readonly port: number; readonly url?: string | undefined },
  lan: string,
): string;
export function portalAddress(
  web: { readonly address: string; readonly port: number; readonly url?: string | undefined },
  lan: string,
): string;
