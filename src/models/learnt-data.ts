import { type Static, Type } from 'typebox';
import { NS_PER_DAY } from '../core/index.ts';

export const LearntDataSchema = Type.Object(
  {
    instruments: Type.Array(Type.String({ minLength: 1 }), {
      description: 'venue:NAME of what it learnt from; empty where the data do not say',
    }),
    spans: Type.Array(
      Type.Tuple([
        Type.Integer({ description: 'days since 1970-01-01' }),
        Type.Number({ minimum: 0, description: 'of the first row, ns since midnight UTC' }),
        Type.Number({ minimum: 0, description: 'of the last row' }),
      ]),
      { description: 'from the first row learnt from to the last one, of each UTC day' },
    ),
  },
  { additionalProperties: false },
);

/** What a trained model learnt from, the rows that stopped its training among them: scores there are no evidence of skill. */
export type LearntData = Readonly<Static<typeof LearntDataSchema>>;

/** Spans by UTC day of the given times, ns since the midnight of `startDay`. */
export function spansByDay(startDay: number, timesNs: Iterable<number>): LearntData['spans'] {
  const spans = new Map<number, [number, number, number]>();
  for (const time of timesNs) {
    const days = Math.floor(time / NS_PER_DAY);
    const ns = time - days * NS_PER_DAY;
    const span = spans.get(days);
    if (span === undefined) spans.set(days, [startDay + days, ns, ns]);
    else {
      span[1] = Math.min(span[1], ns);
      span[2] = Math.max(span[2], ns);
    }
  }
  return [...spans.values()].sort((a, b) => a[0] - b[0]);
}

/** Whether a decision, `tsNs` since the midnight of `day`, is one of those learnt from. */
export function learntAt({ instruments, spans }: LearntData, instrument: string, day: number, tsNs: number): boolean {
  if (!instruments.includes(instrument)) return false;
  for (const [spanDay, fromNs, untilNs] of spans) {
    const ns = tsNs + (day - spanDay) * NS_PER_DAY;
    if (ns >= fromNs && ns <= untilNs) return true;
  }
  return false;
}
