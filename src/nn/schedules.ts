import { BookcastError } from '../core/index.ts';

interface WarmUp {
  /** Steps in which the rate rises to its full height (Goyal et al. 2017); default none. */
  readonly warmUp?: number;
}

/** How the learning rate changes while a net is trained. Shares are of the rate that training begins with. */
export type ScheduleSpec = WarmUp &
  (
    | { readonly kind: 'constant' }
    /** Times `factor` after every `every` epochs. */
    | { readonly kind: 'step'; readonly every: number; readonly factor: number }
    /** Falls along half a cosine to `floor` (default 0) at the end. */
    | { readonly kind: 'cosine'; readonly floor?: number }
    /**
     * Times `factor` (default one half) when the validation loss has not fallen for more than `patience` epochs by more than `threshold` of itself
     * (default 1e-4); not below `floor` (default 1e-3).
     */
    | {
        readonly kind: 'plateau';
        readonly patience: number;
        readonly factor?: number;
        readonly floor?: number;
        readonly threshold?: number;
      }
  );

/** Where training stands. All of it is known again after a resume, so the rate needs no state of its own. */
export interface SchedulePoint {
  /** Steps taken so far, in an epoch, and in all. */
  readonly step: number;
  readonly stepsAnEpoch: number;
  readonly steps: number;
  /** Validation loss of each epoch so far. */
  readonly losses: readonly number[];
}

/** The learning rate of the next step. */
export function rateAt(schedule: ScheduleSpec, rate: number, at: SchedulePoint): number {
  const { warmUp = 0 } = schedule;
  if (at.step < warmUp) return (rate * (at.step + 1)) / (warmUp + 1);
  switch (schedule.kind) {
    case 'constant':
      return rate;
    case 'step':
      return rate * schedule.factor ** Math.floor(Math.floor(at.step / at.stepsAnEpoch) / schedule.every);
    case 'cosine':
      return rate * cosineShare(warmUp, schedule.floor ?? 0, at);
    case 'plateau':
      return rate * plateauShare(schedule, at.losses);
  }
}

/** Loshchilov and Hutter 2017, "SGDR", without restarts. */
function cosineShare(warmUp: number, floor: number, { step, steps }: SchedulePoint): number {
  const done = Math.min(1, (step - warmUp) / Math.max(1, steps - warmUp));
  return floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * done));
}

/** As PyTorch's `ReduceLROnPlateau` with a relative threshold, told from the losses alone. */
function plateauShare(schedule: Extract<ScheduleSpec, { kind: 'plateau' }>, losses: readonly number[]): number {
  const { patience, factor = 0.5, floor = 1e-3, threshold = 1e-4 } = schedule;
  let share = 1;
  let best = Number.POSITIVE_INFINITY;
  let idle = 0;
  for (const loss of losses) {
    if (loss < best * (1 - threshold)) {
      best = loss;
      idle = 0;
    } else if (++idle > patience) {
      share = Math.max(share * factor, floor);
      idle = 0;
    }
  }
  return share;
}

/** Throws `bad-argument` for numbers that make no schedule. */
export function checkSchedule(schedule: ScheduleSpec): void {
  const must = (name: string, x: number, holds: boolean, range: string): void => {
    if (!holds) throw new BookcastError('bad-argument', `the schedule's ${name} is ${range}, and not ${x}`);
  };
  const whole = (name: string, x: number, from: number): void =>
    must(name, x, Number.isInteger(x) && x >= from, `a whole number from ${from} on`);
  const share = (name: string, x: number, below: number): void =>
    must(name, x, x >= 0 && x <= below, `in [0, ${below}]`);
  whole('warmUp', schedule.warmUp ?? 0, 0);
  if (schedule.kind === 'step') {
    whole('every', schedule.every, 1);
    share('factor', schedule.factor, 1);
  } else if (schedule.kind === 'cosine') {
    share('floor', schedule.floor ?? 0, 1);
  } else if (schedule.kind === 'plateau') {
    whole('patience', schedule.patience, 1);
    share('factor', schedule.factor ?? 0.5, 1);
    share('floor', schedule.floor ?? 0, 1);
    share('threshold', schedule.threshold ?? 0, 1);
  }
}
