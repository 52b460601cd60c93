import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionRecord } from '../../src/feed/index.ts';
import { encodeRecord, sniffSession } from '../../src/feed/index.ts';
import { SessionParser } from '../../src/feed/session-log.ts';
import { Fault } from '../../src/market/index.ts';

const DAY = 18_912; // 2021-10-12

function parse(text: string | Buffer, parser = new SessionParser(DAY)): ReturnType<SessionParser['parse']> {
  const bytes = Buffer.from(text);
  // In the midst of a chunk, as a splitter gives it.
  const chunk = Buffer.concat([Buffer.from('"}\n{'), bytes, Buffer.from('\n{"t":')]);
  const entry = parser.parse(chunk, 4, 4 + bytes.length);
  // Received bytes are the parser's own.
  return 'bytes' in entry ? { ...entry, bytes: Buffer.from(entry.bytes) } : entry;
}

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.json());
const bytes = fc.oneof(
  text.map((value) => Buffer.from(value)),
  fc.uint8Array({ maxLength: 300 }).map((value) => Buffer.from(value)),
);
const common = { conn: text, recvNs: fc.integer({ min: -(DAY * 86_400e9), max: 40 * 86_400e9 }) };
const kind = <K extends string>(value: K): fc.Arbitrary<K> => fc.constant(value);
const record: fc.Arbitrary<SessionRecord> = fc.oneof(
  fc.record({ kind: kind('recv'), ...common, bytes }),
  fc.record({ kind: kind('http'), ...common, url: text, bytes }),
  fc.record({ kind: kind('connect'), ...common, address: text }),
  fc.record({ kind: kind('connect'), ...common, address: text, again: fc.constant(true as const) }),
  fc.record({ kind: kind('send'), ...common, text }),
  fc.record({ kind: kind('close'), ...common, why: text }),
  fc.record({ kind: kind('fault'), ...common, instrument: text, fault: fc.constantFrom(...Object.values(Fault)) }),
);

describe('a line of a session', () => {
  it('reads back as the record it was made of, to the nanosecond and the byte', () => {
    const parser = new SessionParser(DAY);
    fc.assert(
      fc.property(record, (entry) => {
        const line = encodeRecord(entry, DAY);
        expect(line.indexOf(10)).toBe(line.length - 1);
        // Text that is no Unicode cannot be written in a file: such a name or text would come back mended.
        fc.pre(!/[\ud800-\udfff](?![\udc00-\udfff])/.test(JSON.stringify(entry)) || 'bytes' in entry);
        expect(parse(line.subarray(0, -1), parser)).toEqual(entry);
      }),
      { numRuns: 2000 },
    );
  });

  it('is JSON that means the same to anyone', () => {
    fc.assert(
      fc.property(bytes, (data) => {
        const line = encodeRecord({ kind: 'recv', conn: 'a', recvNs: 5, bytes: data }, DAY);
        const { data: plain, base64 } = JSON.parse(line.toString()) as { data?: string; base64?: string };
        expect(Buffer.from(plain ?? base64 ?? '', plain === undefined ? 'base64' : 'utf8')).toEqual(data);
      }),
    );
  });

  it('is written with as many decimals as its time has', () => {
    const at = (recvNs: number): string =>
      encodeRecord({ kind: 'send', conn: 'w', recvNs, text: 'x' }, DAY).toString().split('"ts":')[1].split(',')[0];
    expect(at(0)).toBe('1633996800');
    expect(at(1)).toBe('1633996800.000000001');
    expect(at(-1)).toBe('1633996799.999999999');
    expect(at(86_400.5e9)).toBe('1634083200.5');
    expect(() => at(0.5)).toThrow('whole nanoseconds');
  });

  it('keeps every digit of a time, as floats do not', () => {
    // 1633998512.0633569 as others write it, and a time whose last digits a float cannot hold.
    for (const [ts, ns] of [
      ['1633998512.0633569', 1_712_063_356_900],
      ['1633998512.123456789', 1_712_123_456_789],
      ['1633998512', 1_712_000_000_000],
      ['1633998512.1234567891234', 1_712_123_456_789],
    ] as const) {
      for (const line of [
        `{"t":"recv","conn":"w","ts":${ts},"data":"x"}`,
        `{"t":"recv", "conn":"w", "ts": ${ts}, "data":"x"}`,
        `${ts}: x`,
      ]) {
        expect(parse(line), line).toMatchObject({ kind: 'recv', recvNs: ns, bytes: Buffer.from('x') });
      }
    }
    const parser = new SessionParser();
    expect(parser.day).toBeNaN();
    parse('1633998512.5: x', parser);
    expect(parser.day).toBe(DAY);
  });

  it('may have any order of keys, escapes, and more keys', () => {
    const same = { kind: 'recv', conn: 'a"b', recvNs: 1_712_000_000_000, bytes: Buffer.from('{"é": "\u0001/"}') };
    for (const line of [
      '{"t":"recv","conn":"a\\"b","ts":1633998512,"data":"{\\"é\\": \\"\\u0001\\/\\"}"}',
      '{"data":"{\\"\\u00e9\\": \\"\\u0001/\\"}","ts":1633998512.0,"conn":"a\\"b","t":"recv","more":{"ts":7}}',
    ]) {
      expect(parse(line)).toEqual(same);
    }
    expect(parse('{"t":"recv","conn":"w","ts":1633998512,"data":"a","ts":1633998513}')).toMatchObject({
      recvNs: 1_713_000_000_000,
    });
  });

  it('names what it lacks', () => {
    const why = (line: string): unknown => {
      const entry = parse(line);
      return entry.kind === 'unreadable' ? entry.why : entry.kind;
    };
    expect(why('{"t":"recv","conn":"w","ts":16339')).toBe('the line is not JSON');
    expect(why('{"t":"recv","conn":"w","ts":1,"data":"\\"}')).toBe('the line is not JSON');
    expect(why('{"a":1}')).toContain('no "t"');
    expect(why('{"t":"weather"}')).toBe('other');
    expect(why('{"t":"send","ts":1}')).toBe('a "send" line without "conn"');
    expect(why('{"t":"send","conn":"w","ts":"now","data":""}')).toContain('"ts" is "now", expected seconds since 1970');
    expect(why('{"t":"send","conn":"w","ts":1e9,"data":""}')).toContain('"ts" is 1000000000');
    expect(why('{"t":"recv","conn":"w","ts":1.,"data":""}')).toBe('the line is not JSON');
    for (const t of ['send', 'recv', 'http', 'connect', 'fault']) {
      expect(why(`{"t":"${t}","conn":"w","ts":1}`)).toBe(`a "${t}" line without its fields`);
    }
    expect(why('{"t":"fault","conn":"w","ts":1,"instrument":"x","fault":99}')).toContain('without its fields');
    expect(why('{"t":"close","conn":"w","ts":1}')).toBe('close');
    expect(why('hello')).toBe('the line is no record of a session');
    expect(why('wss://x <- 12')).toBe('a line without what was said');
  });

  it('may be of the older text form', () => {
    expect(parse('wss://x/y?z <-> 1633998512.5')).toEqual({
      kind: 'connect',
      conn: '',
      recvNs: 1_712_500_000_000,
      address: 'wss://x/y?z',
    });
    expect(parse('wss://x <- 1633998512: {"a": 1}')).toMatchObject({ kind: 'send', text: '{"a": 1}' });
    expect(parse('https://x -> 1633998512: {"a": 1}')).toMatchObject({
      kind: 'http',
      url: 'https://x',
      bytes: Buffer.from('{"a": 1}'),
    });
  });

  it('tells a header that we wrote', () => {
    const ours = { kind: 'header', ordered: true, faultsTold: true, goesOn: false };
    expect(parse('{"t":"header","recorder":"bookcast"}')).toEqual(ours);
    expect(parse('{"t":"header","recorder":"bookcast","goesOn":true}')).toEqual({ ...ours, goesOn: true });
    expect(parse('{"t":"header","format":2}')).toMatchObject({ ordered: false, faultsTold: false });
  });
});

it('the beginning of a session is told from other files', () => {
  const head = (value: string): boolean => sniffSession(Buffer.from(value));
  for (const good of [
    '{"t":"header","format":2}',
    '{"t": "recv","conn":"w"}',
    'wss://ws.kraken.com <-> 1618678132.3858151\n',
    'wss://x <- 1618678132.3: {}',
    '1618678132.38: {"event":1}',
    '1618678132: [1,{}]',
  ]) {
    expect(head(good), good).toBe(true);
  }
  for (const bad of ['', '{"type":"x"}', '1723161253937085768 {"stream":"x"}', '34200.01,1,2,3,4,1', 'time,price']) {
    expect(head(bad), bad).toBe(false);
  }
});
