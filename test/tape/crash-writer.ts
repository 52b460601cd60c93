import { TapeWriter } from '../../src/tape/index.ts';
import { FIXTURE_INSTRUMENT, fixtureBatch } from './make-fixture.ts';

/** Appends without end, and says after each append how many were made; `tape.test.ts` kills it. */
const writer = TapeWriter.create(process.argv[2], FIXTURE_INSTRUMENT, 'simulated', { segmentBytes: 40_000 });
for (let i = 0; ; i++) {
  writer.append(fixtureBatch(i));
  process.stdout.write(`${i + 1}\n`);
  // Lets the output out: a write to a pipe may be asynchronous.
  await new Promise((resolve) => setImmediate(resolve));
}
