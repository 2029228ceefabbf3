export function runQuietly(
  command: string,
  commandArguments: readonly string[],
  options: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly say: (line: string) => void;
    readonly title: string;
  },
): Promise<{ readonly status: number | null; readonly output: string }>;
