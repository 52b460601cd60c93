import { describe, expect, it } from 'vitest';
import {
  encodeModelMetadata,
  formatTarget,
  type ModelMetadata,
  parseModelMetadata,
  parseTarget,
} from '../../src/models/index.ts';

const METADATA: ModelMetadata = {
  kind: 'bin-ctabl',
  target: 'time:100',
  classes: ['down', 'flat', 'up'],
  length: 50,
  streams: false,
  schemaHash: '0123456789abcdef',
  signals: ['ofi', 'ofi_mean_1s'],
  prior: [0.1 + 0.2, 0.4, 0.3],
  fit: null,
  clock: 'burst',
  learnt: null,
};

describe('metadata of a model', () => {
  it('are comma-separated texts under one prefix', () => {
    expect(encodeModelMetadata(METADATA)).toEqual({
      'bookcast.format': '1',
      'bookcast.kind': 'bin-ctabl',
      'bookcast.target': 'time:100',
      'bookcast.classes': 'down,flat,up',
      'bookcast.length': '50',
      'bookcast.streams': 'false',
      'bookcast.schema_hash': '0123456789abcdef',
      'bookcast.signals': 'ofi,ofi_mean_1s',
      'bookcast.prior': '0.30000000000000004,0.4,0.3',
      'bookcast.fit': '',
      'bookcast.clock': 'burst',
      'bookcast.learnt': '',
    });
  });

  const learnt = { instruments: ['lobster:GOOG'], spans: [[15_512, 1, 2]] as [number, number, number][] };

  it('carry the thresholds that were learnt, as numbers of the target', () => {
    const target = 'events:50/vwap5/ticks:-1.25,0.3333333333333333+5ms';
    const read = parseModelMetadata(encodeModelMetadata({ ...METADATA, target }), 'm.onnx').target;
    expect(parseTarget(read).threshold).toEqual({ kind: 'ticks', low: -1.25, high: 0.3333333333333333 });
    expect(formatTarget(parseTarget(read))).toBe(target);
  });

  it.each([METADATA, { ...METADATA, streams: true, fit: 'abc', prior: [1, 0, 0], learnt }])(
    'come back as they were',
    (metadata) => {
      const encoded = { ...encodeModelMetadata(metadata), 'bookcast.data_hash': 'another key', author: 'somebody' };
      expect(parseModelMetadata(encoded, 'm.onnx')).toEqual(metadata);
    },
  );

  it('knows a file of another tool, and one of another version', () => {
    expect(() => parseModelMetadata({ author: 'somebody' }, 'm.onnx')).toThrow(
      /m\.onnx is an ONNX model, but not one that bookcast wrote.*"bookcast train"/,
    );
    expect(() => parseModelMetadata({ ...encodeModelMetadata(METADATA), 'bookcast.format': '9' }, 'm.onnx')).toThrow(
      /version 9 of the model format, and this bookcast reads 1/,
    );
  });

  it.each([
    ['kind', '', /bookcast\.kind is ""; expected: name of the kind/],
    ['classes', 'up', /bookcast\.classes is "up"/],
    ['classes', 'up,,down', /bookcast\.classes is/],
    ['length', '0', /bookcast\.length is "0"; expected: rows in a window/],
    ['length', 'many', /bookcast\.length is "many"/],
    ['length', '', /bookcast\.length is ""/],
    ['streams', 'yes', /bookcast\.streams is "yes"; expected: true where/],
    ['schema_hash', undefined, /bookcast\.schema_hash is missing/],
    ['signals', '', /bookcast\.signals is ""/],
    ['learnt', 'yesterday', /bookcast\.learnt is "yesterday"; expected: instruments and times/],
    ['learnt', '{"instruments":["a:B"]}', /bookcast\.learnt is/],
    ['prior', undefined, /bookcast\.prior is missing/],
    ['prior', '0.5,0.5', /bookcast\.prior is "0.5,0.5"; expected: one share for each of 3 classes, together 1/],
    ['prior', '0.5,0.5,0.5', /together 1/],
    ['prior', '2,-1,0', /bookcast\.prior is "2,-1,0"/],
    ['prior', 'NaN,0.5,0.5', /bookcast\.prior is/],
  ])('refuses %s = %s', (key, text, message) => {
    const encoded: Record<string, string | undefined> = encodeModelMetadata(METADATA);
    encoded[`bookcast.${key}`] = text;
    expect(() => parseModelMetadata(encoded as Record<string, string>, 'm.onnx')).toThrow(message);
  });

  it('asserts that what is written can be read', () => {
    expect(() => encodeModelMetadata({ ...METADATA, classes: ['a,b', 'c', 'd'] })).toThrow(/assertion/);
    expect(() => encodeModelMetadata({ ...METADATA, prior: [1] })).toThrow(/a prior for each class/);
  });
});
