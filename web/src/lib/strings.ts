// Words. English is the source and is bundled; no string is built by joining
// parts.
import en from '../strings/en.json';

type Entry = string | { one?: string; other: string };
type Names = keyof typeof en;

const table = en as Record<string, Entry>;
const locale = 'en';
const plurals = new Intl.PluralRules(locale);
const numbers = new Intl.NumberFormat(locale);
const lists = new Intl.ListFormat(locale, { type: 'conjunction' });

/** Names of strings that have forms by number. */
export type CountedName = { [K in Names]: (typeof en)[K] extends string ? never : K }[Names];
/** Names of plain strings. */
export type StringName = Exclude<Names, CountedName>;

type Fill = Record<string, string | number>;

/** The string called `name`, with `{field}` filled in. */
export function t(name: StringName, fill: Fill = {}): string {
  return filled(table[name] as string, fill);
}

/** The form of `name` for `count`, with `{n}` and other fields filled in. */
export function n(name: CountedName, count: number, fill: Fill = {}): string {
  const forms = table[name] as { one?: string; other: string };
  const form = plurals.select(count) === 'one' && forms.one !== undefined ? forms.one : forms.other;
  return filled(form, { n: numbers.format(count), ...fill });
}

/** "Ada, Bruno and Chen". */
export function list(parts: readonly string[]): string {
  return lists.format(parts);
}

function filled(text: string, fill: Fill): string {
  return text.replace(/\{(\w+)\}/g, (whole, field: string) => String(fill[field] ?? whole));
}
