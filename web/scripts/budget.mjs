// Fails the build when what a first visit loads is too big, or when the page
// holds something that its Content-Security-Policy would refuse.
// Usage: node scripts/budget.mjs DIR
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

// Brotli bytes of everything that the page itself names.
const budgets = { js: 60 * 1024, css: 12 * 1024 };

const root = process.argv[2];
if (!root) {
  console.error('usage: node scripts/budget.mjs DIR');
  process.exit(2);
}

const page = await readFile(join(root, 'index.html'), 'utf8');
const faults = [];
if (/<script(?![^>]*\ssrc=)[^>]*>/.test(page)) faults.push('the page has an inline script');
if (/<style|\sstyle=|\son\w+=|(?:src|href)="data:/.test(page)) faults.push('the page has an inline style, handler or data: address');

const named = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((match) => match[1]);
for (const [kind, budget] of Object.entries(budgets)) {
  let bytes = 0;
  for (const name of named.filter((one) => one.endsWith(`.${kind}`))) bytes += (await stat(join(root, `${name}.br`))).size;
  const line = `${kind} of a first visit: ${(bytes / 1024).toFixed(1)} of ${budget / 1024} KB`;
  if (bytes > budget) faults.push(line);
  else console.log(bytes > 0.9 * budget ? `${line} (nearly full)` : line);
}
for (const fault of faults) console.error(fault);
process.exit(faults.length === 0 ? 0 : 1);
