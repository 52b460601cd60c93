import { Command } from 'commander';
import { createDashboardServer } from '../../api/index.ts';
import { loadConfig } from '../config.ts';
import { type Context, configOption } from '../options.ts';
import { WEB_ROOT } from './demo.ts';

export function dashboardCommand({ io }: Context): Command {
  return new Command('dashboard')
    .description('The page alone, for an API that runs elsewhere.')
    .option('--api <url>', 'address of the API', 'http://127.0.0.1:8000')
    .option('--host <address>', 'address to listen on')
    .option('--port <port>', 'port of the page; 0 picks a free one')
    .addOption(configOption())
    .action(async (flags) => {
      const { api, ...settings } = flags;
      const config = loadConfig(io, settings);
      const server = await createDashboardServer({ api, webRoot: WEB_ROOT });
      try {
        const { url } = await server.listen(config.host, config.port);
        io.err(`page       ${url}, for the API at ${api}; Ctrl-C stops\n`);
        await new Promise<void>((resolve) => {
          if (io.stop.aborted) resolve();
          io.stop.addEventListener('abort', () => resolve(), { once: true });
        });
      } finally {
        await server.close();
      }
    });
}
