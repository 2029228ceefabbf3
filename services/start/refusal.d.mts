export class StartRefused extends Error {}

export function writing(folder: string, work: () => Promise<void>): Promise<void>;
