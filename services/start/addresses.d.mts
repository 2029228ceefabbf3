import type { NetworkInterfaceInfo } from 'node:os';

type Interfaces = Readonly<
  Record<string, readonly Pick<NetworkInterfaceInfo, 'family' | 'internal' | 'address'>[] | undefined>
>;
export function lanAddress(interfaces?: Interfaces, routed?: () => Promise<string | undefined>): Promise<string>;
export function knockAddress(address: string): string;
export function toldAddress(address: string, lan: string): string;
export function hostPort(address: string, port: number): string;
