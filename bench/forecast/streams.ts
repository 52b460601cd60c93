import { BatchBuilder, EventBatch, type Instrument, instrumentKey, messageEnd } from '../../src/market/index.ts';
import { BinanceDecoder } from '../../src/venues/binance/decode.ts';
import { DiffKernel } from '../../src/venues/binance/diff-kernel.ts';
import { openSim } from '../../src/venues/sim/index.ts';
import { dataPath } from '../../test/support/data.ts';
import { depthStream, recordedLines, syntheticLines } from '../venues/depth-stream.ts';

const FILE = 'usdm_btcusdt_20240808.gz';
const DAY_20240808 = 19943;
const MARKET = ['BTCUSDT', 'USDM'] as const;

/** Messages as bytes, in order, and what makes events of them. */
export interface RawStream {
  readonly name: string;
  readonly instrument: Instrument;
  readonly messages: readonly Buffer[];
  /** A decoder of its own; a batch is good until the next message. */
  decoder(): (message: Buffer) => EventBatch | null;
  /** True where the bytes are text as the venue sends it, which others can read too. */
  readonly text: boolean;
}

/** Lines as a recorder writes them: a receive time, and the venue's JSON. The snapshot comes first, then the diffs behind it. */
export function binanceStream(smoke: boolean): RawStream {
  const path = dataPath(`binance/${FILE}`);
  const recorded = !smoke && path !== null;
  const lines = recorded ? recordedLines(path) : syntheticLines(smoke ? 80 : 6000);
  const stream = depthStream(...MARKET, DAY_20240808, lines, smoke ? 8000 : Number.POSITIVE_INFINITY);
  const { instrument, symbol, day } = stream;
  const messages = [stream.snapshot];
  for (let i = 0; i < stream.from.length; i++) {
    messages.push(stream.chunks[stream.chunk[i]].subarray(stream.from[i], stream.to[i]));
  }
  return {
    name: recorded ? `recorded ${FILE}` : 'synthetic USD-M',
    instrument,
    messages,
    text: true,
    decoder() {
      const kernel = DiffKernel.create();
      const key = instrumentKey(instrument);
      const builder = kernel === null ? new BatchBuilder(key, day) : kernel.builder(key, day);
      const decoder = new BinanceDecoder(instrument, symbol, builder, false, kernel);
      return (message) => {
        decoder.decode(message, 0, message.length);
        return builder.lend();
      };
    },
  };
}

/** The simulator's messages as a tape holds them. */
export async function simulatedStream(smoke: boolean): Promise<RawStream> {
  const source = openSim({ mode: 'realistic', seed: 1, messages: smoke ? 60 : 8000 });
  const messages: Buffer[] = [];
  for await (const batch of source.batches()) {
    for (let from = 0; from < batch.length; ) {
      const to = messageEnd(batch, from);
      const builder = new BatchBuilder(batch.instrument, batch.day, to - from);
      builder.append(batch, from, to);
      messages.push(Buffer.from((builder.finish() as EventBatch).buffer));
      from = to;
    }
  }
  return {
    name: 'simulated',
    instrument: source.instrument,
    messages,
    text: false,
    // As the reader of a tape does.
    decoder: () => (message) => EventBatch.from(new Uint8Array(message).buffer),
  };
}
