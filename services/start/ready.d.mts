export function untilSipAnswers(
  address: string,
  port: number,
  domain: string,
  signal: AbortSignal,
  transport?: 'udp' | 'tcp',
): Promise<void>;
export function untilWebAnswers(address: string, port: number, signal: AbortSignal): Promise<void>;
