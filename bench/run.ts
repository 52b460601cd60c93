import { type BenchResult, findBenchmarks, loadBenchmark, type Machine, machine } from './harness.ts';

const FLAGS = ['--json', '--smoke'];

function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function table(name: string, on: Machine, results: readonly BenchResult[]): string {
  const head = ['case', 'bookcast', 'p99', 'rival', 'its p99', 'unit', 'ratio', 'rival is'];
  const rows = results.map((r) => [
    r.case,
    figure(r.value),
    figure(r.p99),
    figure(r.rivalValue),
    figure(r.rivalP99),
    r.unit,
    `${figure(r.ratio)}×`,
    r.rival,
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const lines = [head, ...rows].map((row) =>
    row
      .map((cell, column) => (column >= 1 && column <= 4 ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
      .join('  ')
      .trimEnd(),
  );
  return [`${name} on ${on.cpu}, ${on.cores} cores, Node ${on.node}, ${on.platform}`, '', ...lines].join('\n');
}

async function main(args: readonly string[]): Promise<number> {
  const files = findBenchmarks();
  const names = args.filter((arg) => !arg.startsWith('-'));
  const unknown = args.filter((arg) => arg.startsWith('-') && !FLAGS.includes(arg));
  const smoke = args.includes('--smoke');
  const every = names.length === 0 && smoke;
  const file = files.get(names[0] ?? '');
  if ((file === undefined && !every) || names.length > 1 || unknown.length > 0) {
    const found =
      unknown.length > 0
        ? `unknown flag ${unknown[0]}`
        : names.length === 0
          ? 'no benchmark named'
          : `unknown benchmark "${names.join(' ')}"`;
    process.stderr.write(
      `${found}\nusage: npm run -s bench -- NAME [--json] [--smoke]\n--smoke alone makes a tiny run of each; NAME is one of:\n`,
    );
    for (const name of files.keys()) process.stderr.write(`  ${name}\n`);
    return 2;
  }
  for (const path of file === undefined ? files.values() : [file]) {
    const bench = await loadBenchmark(path);
    const results = await bench.run({ smoke });
    const report = { name: bench.name, machine: machine(), results };
    const text = args.includes('--json') ? JSON.stringify(report) : table(report.name, report.machine, results);
    process.stdout.write(`${text}\n`);
  }
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
