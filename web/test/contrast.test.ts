// Every pair of colours that the screens put on each other, computed from the
// OKLCH values in the stylesheet. Text needs 4.5 : 1, parts of controls 3 : 1.
import { describe, expect, it } from 'vitest';
import css from '../src/styles/tokens.css?raw';

type Oklch = readonly [lightness: number, chroma: number, hue: number];

const number = '([\\d.]+)';
const oklch = `oklch\\(${number} ${number} ${number}\\)`;
const token = new RegExp(`--([\\w-]+):\\s*light-dark\\(${oklch},\\s*${oklch}\\);`, 'g');

const tokens = new Map<string, { light: Oklch; dark: Oklch }>();
for (const [, name, ...parts] of css.matchAll(token)) {
  const [a, b, c, d, e, f] = parts.map(Number) as [number, number, number, number, number, number];
  tokens.set(name!, { light: [a, b, c], dark: [d, e, f] });
}

const text: readonly (readonly [string, string])[] = [
  ['ink', 'canvas'],
  ['ink-2', 'canvas'],
  ['ink-3', 'canvas'],
  ['ink', 'side'],
  ['ink-2', 'side'],
  ['ink-3', 'side'],
  ['ink-2', 'sunken'],
  ['ink-3', 'sunken'],
  ['ink', 'raised'],
  ['ink-2', 'raised'],
  ['ink-3', 'raised'],
  ['ink', 'hover'],
  ['ink-3', 'hover'],
  ['ink', 'accent-soft'],
  ['ink-3', 'accent-soft'],
  ['ink', 'mark-soft'],
  ['ink-2', 'mark-soft'],
  ['ink-3', 'mark-soft'],
  ['on-accent', 'accent'],
  ['on-accent', 'accent-2'],
  ['accent-2', 'accent-soft'],
  ['link', 'canvas'],
  ['link', 'hover'],
  ['link', 'accent-soft'],
  ['link', 'mark-soft'],
  ['on-mark', 'mark'],
  ['mark-ink', 'canvas'],
  ['danger', 'canvas'],
  ['danger', 'raised'],
  ['danger', 'danger-soft'],
  ['on-danger', 'danger'],
  ['canvas', 'ink'],
];

const parts: readonly (readonly [string, string])[] = [
  ['accent', 'side'],
  ['accent', 'accent-soft'],
  ['ok', 'side'],
  ['edge', 'canvas'],
  ['edge', 'raised'],
  ['focus', 'canvas'],
  ['focus', 'side'],
  ['focus', 'raised'],
  ['focus', 'accent-soft'],
];

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  it.each(text)('%s on %s can be read', (over, under) => {
    expect(contrast(colour(over, theme), colour(under, theme))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(parts)('%s on %s can be made out', (over, under) => {
    expect(contrast(colour(over, theme), colour(under, theme))).toBeGreaterThanOrEqual(3);
  });

  it.each([15, 45, 95, 140, 190, 250, 300, 340])('initials on the hue %i can be read', (hue) => {
    const [under, over] =
      theme === 'light' ? avatar(hue, 0.905, 0.055, 0.375, 0.085) : avatar(hue, 0.392, 0.065, 0.925, 0.048);
    expect(contrast(over, under)).toBeGreaterThanOrEqual(7);
  });
});

it('computes the ratio of black on white', () => {
  expect(contrast([0, 0, 0], [1, 0, 0])).toBeCloseTo(21, 1);
});

it('computes a ratio measured elsewhere: ink on canvas, 16.7', () => {
  expect(contrast(colour('ink', 'light'), colour('canvas', 'light'))).toBeCloseTo(16.7, 1);
});

function avatar(hue: number, l: number, c: number, l2: number, c2: number): readonly [Oklch, Oklch] {
  return [
    [l, c, hue],
    [l2, c2, hue],
  ];
}

function colour(name: string, theme: 'light' | 'dark'): Oklch {
  const found = tokens.get(name);
  if (!found) throw new Error(`tokens.css has no --${name}`);
  return found[theme];
}

function contrast(a: Oklch, b: Oklch): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** Relative luminance (WCAG) of a colour as an sRGB screen shows it: clipped and in 256 steps. */
function luminance(value: Oklch): number {
  const [r, g, b] = linear(value).map(shown) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function shown(channel: number): number {
  const clipped = Math.min(1, Math.max(0, channel));
  const encoded = clipped <= 0.0031308 ? clipped * 12.92 : 1.055 * clipped ** (1 / 2.4) - 0.055;
  const step = Math.round(encoded * 255) / 255;
  return step <= 0.04045 ? step / 12.92 : ((step + 0.055) / 1.055) ** 2.4;
}

/** OKLCH to linear sRGB. */
function linear([lightness, chroma, hue]: Oklch): [number, number, number] {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}
