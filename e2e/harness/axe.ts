import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { expect } from '@playwright/test';
import type { Person } from './person.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Checks the page as it stands against the rules of WCAG 2.2 A and AA. */
export async function expectAccessible(person: Person, name: string): Promise<void> {
  await person.page.evaluate(axe); // past the page's policy, which allows no script of others
  const results = await person.page.evaluate(() => {
    const { run } = (window as unknown as { axe: { run(context: Document, options: object): Promise<AxeResults> } }).axe;
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    // Takes the initials in avatars, which are pictures, for text.
    const rules = { 'label-content-name-mismatch': { enabled: false } };
    return run(document, { runOnly: tags, rules, resultTypes: ['violations'] });
  });
  const found = results.violations.flatMap((violation) =>
    violation.nodes.map((node) => `${violation.id}: ${node.target.join(' ')} — ${node.failureSummary}`));
  expect.soft(found, `accessibility of ${name}`).toEqual([]);
}
