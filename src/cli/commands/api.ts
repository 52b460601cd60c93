import { Command } from 'commander';
import type { Context } from '../options.ts';
import { serve, withServing } from './demo.ts';

export function apiCommand({ io, version }: Context): Command {
  const command = new Command('api').description(
    'The API alone, without the page: simulator, --replay or a live --venue → forecasts.',
  );
  return withServing(command).action(async (flags) => serve(io, version, flags, false));
}
