import { MAX_EXACT, MAX_PRICE_TICKS, NO_PRICE } from '../../../src/core/index.ts';
import { EventFlag } from '../../../src/market/index.ts';
import { converse, DOCUMENTED, feedInstrument } from './frames.ts';

const FINE = { tickSize: '0.00001', lotSize: '0.00000001' };

/** Well-formed input to mutate: messages of every kind, and answers. */
export const SEEDS: readonly string[] = [
  ...Object.values(DOCUMENTED),
  '{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161255208,"T":1723161255200,"s":"BTCUSDT","t":5,"p":"1.10","q":"0.5","X":"MARKET","m":true}}',
  '{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":1723161255208,"T":1723161255200,"s":"BTCUSDT","U":5,"u":9,"pu":3,"b":[["61800.20","2.507"],["61800.10","0"]],"a":[["61800.30","0.000"]]}}',
];

/**
 * A conversation of each market that takes any bytes as a message and as an answer. `take` throws where something came out
 * that may not: an error of any kind, a row out of range, a message without an end, an offset outside of the input.
 */
export function fuzzTarget(): { take(bytes: Buffer): void } {
  const talks = [
    converse([feedInstrument('BNBBTC', 'SPOT', FINE), feedInstrument('BNBUSDT', 'SPOT', FINE)]),
    converse([feedInstrument('BTCUSDT', 'USDM', FINE), feedInstrument('BNBUSDT', 'USDM', FINE)]),
    converse([feedInstrument('BTCUSD_200626', 'COINM', FINE), feedInstrument('BTCUSD_PERP', 'COINM', FINE)]),
  ];
  return {
    take(bytes) {
      for (const { conversation, told } of talks) {
        conversation.receive(bytes, 0, bytes.length, 1);
        conversation.answer(0, bytes, 1);
        for (const builder of told.builders) {
          const batch = builder.finish();
          if (batch === null) continue;
          for (let i = 0; i < batch.length; i++) {
            const ticks = batch.priceTicks[i];
            const lots = batch.sizeLots[i];
            const inRange = ticks === NO_PRICE || (ticks >= 1 && ticks <= MAX_PRICE_TICKS);
            if (!inRange || !(lots >= 0 && lots <= MAX_EXACT)) throw new Error(`${ticks} ticks, ${lots} lots`);
            if (!(Math.abs(batch.sequence[i]) <= MAX_EXACT)) throw new Error(`sequence ${batch.sequence[i]}`);
          }
          if ((batch.flags[batch.length - 1] & EventFlag.MESSAGE_END) === 0) throw new Error('a message without end');
        }
        for (const { offset, why } of told.unread.splice(0)) {
          if (!(offset >= 0 && offset <= bytes.length)) throw new Error(`offset ${offset}: ${why}`);
        }
        told.calls.length = 0;
        told.faults.length = 0;
      }
    },
  };
}
