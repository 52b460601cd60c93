import { DOUBLE_VENUES } from '../../test/doubles/products.ts';
import { runDoubleSoak } from '../../test/doubles/soak.ts';
import { chosen, type Soak } from './soak.ts';

const HOUR = 3600;

/** Every venue at once, each with a supervisor and a double of its own, over real sockets of this machine. */
export const doublesSoak: Soak = {
  about: 'an hour against the venue doubles, all faults on (--seconds, --seed, --only VENUE)',
  run: async ({ seconds, firstSeed, only }, progress) => {
    const reports = await Promise.all(
      chosen(only, DOUBLE_VENUES).map((venue) =>
        runDoubleSoak({ venue, seed: firstSeed ?? 1, seconds: seconds ?? HOUR, onLine: progress }),
      ),
    );
    const mb = (bytes: number): number => Math.round(bytes / 1e5) / 10;
    const venues = reports.map(({ problems: _, struck, heapStart, heapEnd, syncedShare, ...figures }) => ({
      ...figures,
      syncedPercent: Math.round(syncedShare * 1e4) / 100,
      faults: Object.values(struck).reduce((all, count) => all + count, 0),
      heapStartMb: mb(heapStart),
      heapEndMb: mb(heapEnd),
    }));
    return { problems: reports.flatMap(({ problems }) => problems), figures: { venues } };
  },
};
