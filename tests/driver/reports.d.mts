export interface Result {
  readonly passed: number;
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
}
export function readVitestReport(path: string, status: number): Result;
export function readPlaywrightReport(path: string, status: number): Result;
export function sum(results: readonly Result[]): Result;
export function verdict(result: Result, isCi: boolean): { readonly lines: readonly string[]; readonly status: number };
