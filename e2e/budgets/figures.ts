/** What was measured, beside what ui wishes for. */
interface Figure {
  what: string;
  value: number;
  budget: number;
  unit: string;
}

const figures: Figure[] = [];

export function note(what: string, value: number, budget: number, unit: string): void {
  figures.push({ what, value, budget, unit });
  console.log(line({ what, value, budget, unit }));
}

function line({ what, value, budget, unit }: Figure): string {
  const share = budget === 0 ? value : value / budget;
  const verdict = value > budget ? 'OVER' : share > 0.9 ? 'nearly' : '';
  return `| ${what} | ${round(value)} ${unit} | ${budget} ${unit} | ${verdict} |`;
}

/** All of them as a table of Markdown. */
export function table(): string {
  return ['| what | measured | budget | |', '| --- | --- | --- | --- |', ...figures.map(line)].join('\n');
}

function round(value: number): string {
  return String(Math.abs(value) >= 100 ? Math.round(value) : Number(value.toFixed(value < 1 ? 3 : 1)));
}

/** The value that this part of all is not above. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]) => quantile(values, 0.5);
