interface Memory {
  readonly rssMb: number;
  readonly heapMb: number;
  readonly arrayBuffersMb: number;
}

/** A soak's result, with all that it takes to repeat it. */
export interface SoakReport {
  readonly name: string;
  readonly command: string;
  /** With `+` where files differed from the commit. */
  readonly commit: string;
  readonly started: string;
  readonly seconds: number;
  readonly machine: { readonly cpu: string; readonly cores: number; readonly memoryGb: number; readonly node: string };
  readonly problems: readonly string[];
  readonly memoryAtStart: Memory;
  readonly memoryAtEnd: Memory;
  /** Of the main thread; what runs in virtual time or in workers does not show here. */
  readonly eventLoopDelay: { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };
  readonly figures: Readonly<Record<string, unknown>>;
}

const cell = (value: unknown): string => {
  if (typeof value === 'number')
    return Number.isInteger(value) ? value.toLocaleString('en-US') : String(Math.round(value * 1000) / 1000);
  if (value === null || value === undefined) return '–';
  return (typeof value === 'object' ? JSON.stringify(value) : String(value))
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ');
};

const isRows = (value: unknown): value is Record<string, unknown>[] =>
  Array.isArray(value) && value.length > 0 && value.every((row) => typeof row === 'object' && row !== null);

function table(rows: readonly Record<string, unknown>[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const ruler = columns.map((column) => (rows.every((row) => typeof row[column] !== 'string') ? '--:' : '---'));
  return line(columns) + line(ruler) + rows.map((row) => line(columns.map((column) => cell(row[column])))).join('');
}

/** The result as a page of documentation. */
export function reportText(report: SoakReport): string {
  const { machine, memoryAtStart: before, memoryAtEnd: after, eventLoopDelay: delay } = report;
  const facts = [
    ['command', `\`${report.command}\``],
    ['commit', report.commit],
    ['started', report.started],
    ['duration', `${report.seconds} s`],
    ['machine', `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}`],
    ['problems', report.problems.length === 0 ? 'none' : String(report.problems.length)],
    ['memory at start', `${before.rssMb} MB resident, ${before.heapMb} MB heap, ${before.arrayBuffersMb} MB buffers`],
    ['memory at end', `${after.rssMb} MB resident, ${after.heapMb} MB heap, ${after.arrayBuffersMb} MB buffers`],
    ['event-loop delay', `p50 ${delay.p50Ms} ms, p99 ${delay.p99Ms} ms, max ${delay.maxMs} ms (main thread)`],
  ];
  let text = `# Soak: ${report.name}\n\nWritten by its command; not edited by hand.\n\n`;
  text += table(facts.map(([what, value]) => ({ what, value })));
  const plain = Object.entries(report.figures).filter(([, value]) => !isRows(value));
  if (plain.length > 0) text += `\n${table(plain.map(([figure, value]) => ({ figure, value })))}`;
  for (const [name, rows] of Object.entries(report.figures)) if (isRows(rows)) text += `\n## ${name}\n\n${table(rows)}`;
  if (report.problems.length > 0)
    text += `\n## Problems\n\n${report.problems.map((one) => `- ${one.replaceAll('\n', ' ')}\n`).join('')}`;
  return text;
}
