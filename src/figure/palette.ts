/** Colours of series that stand side by side, after Okabe and Ito (2008): told apart by all common kinds of colour vision. */
const SERIES = {
  light: ['#0068a8', '#c25100', '#00845f', '#9a4f86', '#7a6200', '#4a4f57'],
  dark: ['#5eb3ea', '#f0914a', '#45c49d', '#d78bbf', '#d8b740', '#b4bac4'],
} as const;

/** Below zero blue, above it orange, and lighter (or darker, by night) towards zero. Lightness tells the strength alone. */
const DIVERGING = {
  light: [
    '#08407e',
    '#1f66ab',
    '#4b91c7',
    '#8cbcdd',
    '#c8dfee',
    '#f3f3f1',
    '#fbdcc2',
    '#f3ae7d',
    '#dd7b3d',
    '#b84d12',
    '#7c2f05',
  ],
  dark: [
    '#9fd2ff',
    '#6bb0ec',
    '#438cc9',
    '#2c6697',
    '#204560',
    '#22262c',
    '#54371f',
    '#8a5224',
    '#c3722f',
    '#f09a52',
    '#ffd0a1',
  ],
} as const;

/** From nothing to much. */
const SEQUENTIAL = {
  light: ['#f2f4f6', '#d6e4ef', '#b0cfe4', '#82b3d4', '#5494c1', '#2f74a9', '#175689', '#083a66'],
  dark: ['#20242a', '#1f3a50', '#235273', '#2f6d96', '#468ab6', '#6aa8d0', '#98c7e6', '#cfe7f9'],
} as const;

export const SERIES_COUNT = SERIES.light.length;
export const DIVERGING_BINS = DIVERGING.light.length;
export const SEQUENTIAL_BINS = SEQUENTIAL.light.length;

const INK = {
  light: { ink: '#1b1f24', dim: '#5b6370', grid: '#e3e6ea', axis: '#9aa2ad', band: '#e4e7eb', surface: '#ffffff' },
  dark: { ink: '#e6e8eb', dim: '#a0a8b3', grid: '#2b3037', axis: '#69717c', band: '#30363e', surface: '#15181c' },
} as const;

function variables(theme: 'light' | 'dark'): string {
  const pairs = [
    ...Object.entries(INK[theme]),
    ...SERIES[theme].map((colour, i) => [`series-${i}`, colour]),
    ...DIVERGING[theme].map((colour, i) => [`diverging-${i}`, colour]),
    ...SEQUENTIAL[theme].map((colour, i) => [`sequential-${i}`, colour]),
  ];
  return pairs.map(([name, colour]) => `--fig-${name}:${colour}`).join(';');
}

const FONT = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif';

/**
 * The style of every figure, light and dark: once in a page that has figures, or in each figure that stands alone. A page
 * with a theme of its own sets the variables (`--fig-ink` …) anew.
 */
export const FIGURE_STYLE = [
  `:root{${variables('light')}}`,
  `@media (prefers-color-scheme:dark){:root{${variables('dark')}}}`,
  // Paper is light, whatever the screen was.
  `@media print{:root{${variables('light')}}}`,
  `.fig{max-width:100%;height:auto;font:11px ${FONT};font-variant-numeric:tabular-nums;fill:var(--fig-ink)}`,
  '.fig .dim{fill:var(--fig-dim)}.fig .name{font-weight:600}',
  '.fig .grid{stroke:var(--fig-grid);fill:none;shape-rendering:crispEdges}',
  '.fig .axis{stroke:var(--fig-axis);fill:none;shape-rendering:crispEdges}',
  '.fig .band{fill:var(--fig-band)}.fig .tree{stroke:var(--fig-dim);fill:none}',
  '.fig .paper{fill:var(--fig-surface)}',
  '.fig .whisker{stroke:var(--fig-ink);fill:none}.fig .hatch{stroke:var(--fig-ink);stroke-opacity:.45;fill:none}',
  '.fig .frame{stroke:var(--fig-ink);fill:none;stroke-width:1.5}.fig .frame.light{stroke:var(--fig-surface)}.fig .halo{stroke:var(--fig-surface);fill:none;stroke-width:3.5}',
  ...SERIES.light.map(
    (_, i) => `.fig .s${i}{stroke:var(--fig-series-${i});fill:none}.fig .f${i}{fill:var(--fig-series-${i})}`,
  ),
  ...DIVERGING.light.map((_, i) => `.fig .d${i}{fill:var(--fig-diverging-${i})}`),
  ...SEQUENTIAL.light.map((_, i) => `.fig .q${i}{fill:var(--fig-sequential-${i})}`),
].join('\n');

/** Dashes of the series, so that no line is told by its colour alone. */
export const DASHES: readonly (string | undefined)[] = [undefined, '6 3', '2 2', '8 3 2 3', '4 4', '1 3'];
