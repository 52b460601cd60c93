import { batchOf, createRecording, line } from './recording-support.ts';

/** Appends without end, and says after each round how many were made; `crash.test.ts` kills it. */
const recording = createRecording(process.argv[2], { limits: { segmentBytes: 3000 } });
for (let i = 0; ; i++) {
  recording.append(0, batchOf(0, i));
  recording.append(1, batchOf(1, i, 20));
  recording.appendRaw(line(i));
  process.stdout.write(`${i + 1}\n`);
  // Lets the output out, and files be packed.
  await new Promise((resolve) => setImmediate(resolve));
}
