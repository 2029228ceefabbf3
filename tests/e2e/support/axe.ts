import type { Page } from '@playwright/test';
import axe from 'axe-core';

export interface Violation {
  readonly id: string;
  readonly where: readonly string[];
}

/** What axe finds on the page as it is, of WCAG 2.2 A and AA and of good practice. */
export async function violationsOn(page: Page): Promise<readonly Violation[]> {
  await page.evaluate(axe.source);
  return page.evaluate<readonly Violation[]>(`(async () => {
    const { violations } = await axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return violations.map(({ id, nodes }) => ({ id, where: nodes.map((node) => node.target.join(' ') + ': ' + node.failureSummary) }));
  })()`);
}
