export function udpRefusal(address: string, port: number): Promise<string | undefined>;
export function tcpRefusal(address: string, port: number, setting?: string): Promise<string | undefined>;
