export function untilSipAnswers(address: string, port: number, domain: string, signal: AbortSignal): Promise<void>;
export function untilWebAnswers(address: string, port: number, signal: AbortSignal): Promise<void>;
