import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { BookcastError } from '../../core/index.ts';
import { loadConfig } from '../config.ts';
import { type Context, configOption } from '../options.ts';
import { WEB_ROOT } from './demo.ts';

interface Check {
  what: string;
  ok: boolean;
  found: string;
  /** What to do where it is not well. */
  remedy: string;
}

export function doctorCommand({ io, version }: Context): Command {
  return new Command('doctor')
    .description('Check that this machine has what bookcast needs, and say what to do where not.')
    .option('--json', 'print the checks as JSON', false)
    .addOption(configOption())
    .action(async (flags) => {
      const config = loadConfig(io, { config: flags.config });
      const checks = [
        {
          what: 'Node',
          ok: Number(process.versions.node.split('.')[0]) >= 24,
          found: process.versions.node,
          remedy: 'install Node 24 or newer',
        },
        {
          what: 'page',
          ok: existsSync(join(WEB_ROOT, 'index.html')),
          found: existsSync(join(WEB_ROOT, 'index.html')) ? 'built' : 'missing',
          remedy: 'build it with "npm run build"',
        },
        await portCheck('API port', config.host, config.apiPort, '--api-port'),
        await portCheck('page port', config.host, config.port, '--port'),
      ];
      const machine = `${process.platform} ${process.arch}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`;
      if (flags.json) io.out(`${JSON.stringify({ version, machine, checks })}\n`);
      else io.out(`bookcast ${version} on ${machine}\n${checks.map(line).join('')}`);
      const failed = checks.filter((check) => !check.ok);
      if (failed.length > 0) {
        throw new BookcastError('not-ready', `not ready: ${failed.map((check) => check.what).join(', ')}; see above`);
      }
    });
}

function line({ what, ok, found, remedy }: Check): string {
  return `  ${ok ? '✓' : '✗'} ${what}: ${found}${ok ? '' : `; ${remedy}`}\n`;
}

async function portCheck(what: string, host: string, port: number, flag: string): Promise<Check> {
  const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
  const found = error === null ? `${port} is free` : `${port} is not to be had (${error.code})`;
  return { what, ok: error === null, found, remedy: `stop what holds it, or choose another with ${flag}` };
}
