import {
  CATALOGUE,
  CORE_SET,
  type ColumnInfo,
  FAMILIES,
  type Family,
  type SignalDefinition,
} from '../src/features/index.ts';

const DEPTH = 10;

const FAMILY_TITLES: Readonly<Record<Family, string>> = {
  'order-flow': 'Order flow imbalance',
  'fair-value': 'Fair value',
  liquidity: 'Liquidity and volume profile',
  queue: 'Queue dynamics',
  trades: 'Trades',
  volatility: 'Volatility and regime',
  cross: 'Cross-instrument',
};

/** docs/signals.md: every signal with its formula typeset, made of nothing but the definitions that the engine runs. */
export function signalsPage(): string {
  const columns = CATALOGUE.reduce((sum, signal) => sum + signal.columns(DEPTH).length, 0);
  const contents = FAMILIES.map((family) => {
    const names = of(family).map((signal) => `[${signal.name}](#${signal.name})`);
    return `- **${FAMILY_TITLES[family]}**: ${names.join(' · ')}`;
  });
  const sections = FAMILIES.map((family) => `## ${FAMILY_TITLES[family]}\n\n${of(family).map(section).join('\n')}`);
  return `<!-- Made by "npm run -s signals" from src/features/signals; do not edit. -->
# Signals

${CATALOGUE.length} signals, ${columns} columns for a book of ${DEPTH} levels. All run in one streaming engine, live, in training and in a backtest
alike. A column that is absent or still warms up is \`NaN\`, never 0; a lost book resets everything.

**Notation.** $P_b^m, q_b^m$ ($P_a^m, q_a^m$): price in ticks and size in lots of the $m$-th best bid (ask), $m = 1$ where it is left out. A prime is the value
before the message. $M$: mid. $Q$: decayed mean size of a level, the yardstick of sizes. $s_i, v_i$: sign (bought 1, sold −1) and size of trade $i$.
$\\tau$: decay time. *Swapped*: what becomes of a column when bids and asks change places. *Scale*: the power of $k$ by which it grows when every price
is $k$ times as large; sizes are divided out wherever nothing else is said.

${contents.join('\n')}

${sections.join('\n')}`;
}

function of(family: Family): readonly SignalDefinition[] {
  return CATALOGUE.filter((signal) => signal.family === family);
}

function section(signal: SignalDefinition): string {
  const { name, title, meaning, tex, warmup, cost, source, needs, dependencies, version } = signal;
  const facts = [
    `warm-up: ${warmup}`,
    `cost: ${cost}`,
    ...(needs.length > 0 ? [`needs: ${needs.join(', ')}`] : []),
    ...(dependencies.length > 0 ? [`made of: ${dependencies.join(', ')}`] : []),
    `version ${version}${CORE_SET.includes(signal) ? ', in the core set' : ''}`,
  ];
  return `<a id="${name}"></a>
### ${name}: ${title}

${meaning}

\`\`\`math
${tex}
\`\`\`

${columnTable(signal.columns(DEPTH))}

${facts.join('; ')}. *Source:* ${source}.
`;
}

function columnTable(columns: readonly ColumnInfo[]): string {
  const lines = groups(columns).map(
    ({ names, column: { unit, mirror, ticks, lots, absolute } }) =>
      `| ${names} | ${unit} | ${mirror === 'odd' || mirror === 'even' ? mirror : `↔ \`${mirror}\``} | ${scale(ticks, lots)}${absolute === true ? ', price itself counts' : ''} |`,
  );
  return ['| column | unit | swapped | scale |', '|---|---|---|---|', ...lines].join('\n');
}

/** Columns that differ in nothing but their number stand in one line. */
function groups(columns: readonly ColumnInfo[]): { names: string; column: ColumnInfo }[] {
  const [first, last] = [columns[0], columns[columns.length - 1]];
  const alike = columns.every(({ unit, mirror, ticks, lots }) =>
    [unit === first.unit, mirror === first.mirror, ticks === first.ticks, lots === first.lots].every(Boolean),
  );
  if (alike && columns.length > 4) return [{ names: `\`${first.name}\` … \`${last.name}\``, column: first }];
  return columns.map((column) => ({
    names: `\`${column.name}\`${column.detail === undefined ? '' : ` (${column.detail})`}`,
    column,
  }));
}

function scale(ticks: number | null, lots: number): string {
  const price = ticks === null ? 'none' : String(ticks);
  return lots === 0 ? price : `${price}, sizes ${lots}`;
}
