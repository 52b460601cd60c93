import type { Command } from 'commander';
import { STRATEGY_KINDS } from '../backtest/index.ts';
import { DEFAULT_REGISTRY } from '../store/index.ts';
import { type BacktestSettings, openSettings } from './backtest-settings.ts';
import { type ModelFlags, withModels } from './model-options.ts';
import { targetOption, withSteps } from './options.ts';

/** What the flags of `withTrading` are parsed into. */
export interface TradingFlags extends ModelFlags {
  readonly strategy?: string;
  readonly config?: string;
  readonly set?: string[];
  readonly report?: string;
  readonly json: boolean;
  readonly baselines: boolean;
  readonly runs: string;
  readonly target?: string;
  readonly tick?: string;
  readonly lot?: string;
  readonly symbol?: string;
}

/** The options of commands that trade on paper. */
export function withTrading(command: Command): Command {
  const trading = command
    .option(
      '--strategy <strategy>',
      `${STRATEGY_KINDS.join(', ')}, or a .ts or .js file that exports createStrategy(); default: as the settings say`,
    )
    .option('--config <file>', 'settings as YAML or JSON', 'configs/backtest/default.yaml of the package')
    .option('--set <key=value...>', 'one setting, such as fees=none or strategy.threshold=0.5; may be repeated')
    .option('--report <file>', 'write a page of the run here (.html); every run keeps its own besides')
    .option('--json', 'print the card as one JSON object instead of a table', false)
    .option('--no-baselines', 'the strategy alone, with nothing to compare it with')
    .option('--runs <dir>', 'where runs are kept: every run is one, and counts as a trial', DEFAULT_REGISTRY)
    .addOption(targetOption());
  return withModels(withSteps(trading));
}

/** The settings that the flags name. Throws what `openSettings` does. */
export function settingsOf(command: Command, flags: TradingFlags): BacktestSettings {
  const named = command.getOptionValueSource('config') === 'cli' ? flags.config : undefined;
  const settings = openSettings(named, { strategy: flags.strategy, set: flags.set, target: flags.target });
  return flags.baselines ? settings : { ...settings, baselines: false };
}
