import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compileHours, weekdays, zonedTime } from '../../policy/occasion-hours.ts';
import { compileNetworks, isNetwork } from '../../policy/occasion-networks.ts';
import { clockIn, isInNetwork } from './oracle.ts';

const zones = ['UTC', 'America/New_York', 'Europe/Berlin', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia'];

test('the clock of a zone is that of another spelling of it, whatever the season', () => {
  const moments = fc.integer({ min: Date.parse('2000-01-01'), max: Date.parse('2040-01-01') });
  fc.assert(
    fc.property(fc.constantFrom(...zones), moments, (zone, at) => {
      const { day, minutes } = zonedTime(zone, at);
      const { time, weekday } = clockIn(zone, at);
      assert.equal(minutes, Number(time.slice(0, 2)) * 60 + Number(time.slice(3)));
      assert.equal(day, weekday);
    }),
    { numRuns: 2_000 },
  );
});

const at = (text: string): number => Date.parse(text);

test('hours end before their end, and over midnight belong to the day on which they began', () => {
  const day = compileHours({ zone: 'UTC', days: ['mon', 'fri'], from: '08:00', to: '17:30' });
  const monday = '2026-11-23';
  assert.deepEqual(
    ['07:59:59', '08:00:00', '17:29:59', '17:30:00'].map((time) => day(at(`${monday}T${time}Z`))),
    [false, true, true, false],
  );
  assert.equal(day(at('2026-11-24T12:00:00Z')), false);
  const night = compileHours({ zone: 'UTC', days: ['fri'], from: '22:00', to: '06:00' });
  const nights = ['2026-11-27T21:59:00Z', '2026-11-27T22:00:00Z', '2026-11-28T05:59:00Z', '2026-11-28T06:00:00Z'];
  assert.deepEqual(
    nights.map((text) => night(at(text))),
    [false, true, true, false],
  );
  assert.equal(night(at('2026-11-27T05:00:00Z')), false, 'the night before is Thursday’s');
  assert.equal(night(at('2026-11-28T23:00:00Z')), false, 'Saturday is another day');
  const until = compileHours({ zone: 'UTC', days: ['fri'], from: '18:00', to: '00:00' });
  assert.equal(until(at('2026-11-27T23:59:59Z')), true);
  assert.equal(until(at('2026-11-28T00:00:00Z')), false);
});

test('daylight saving: the hour that is twice counts twice, the one that is not never', () => {
  const night = compileHours({ zone: 'America/New_York', from: '01:00', to: '02:00' });
  const autumn = ['2026-11-01T04:59Z', '2026-11-01T05:30Z', '2026-11-01T06:30Z', '2026-11-01T07:00Z'];
  assert.deepEqual(
    autumn.map((text) => night(at(text))),
    [false, true, true, false],
  );
  const spring = compileHours({ zone: 'America/New_York', from: '02:00', to: '03:00' });
  for (let minute = 0; minute < 180; minute += 1) {
    assert.equal(spring(at('2026-03-08T06:00Z') + minute * 60_000), false);
  }
});

test('an unknown zone is refused, and every day of the week has its name', () => {
  assert.throws(() => compileHours({ zone: 'Mars/Olympus', from: '08:00', to: '09:00' }), RangeError);
  assert.equal(new Set(weekdays).size, 7);
});

test('an address is in its network however it is written, and nothing else is', () => {
  const inside = compileNetworks(['10.0.0.0/8', '192.168.7.9', '2001:db8::/32', '::ffff:172.16.0.0/108']);
  const yes = ['10.255.0.1', '::ffff:10.0.0.1', '::ffff:a00:1', '192.168.7.9', '2001:db8:1::1%eth0', '172.16.3.4'];
  const no = ['11.0.0.1', '::10.0.0.1', '::fffe:a00:1', '192.168.7.8', '2001:db9::', '', 'localhost', '10.0.0', '::1'];
  for (const address of yes) assert.equal(inside?.(address), true, address);
  for (const address of no) assert.equal(inside?.(address), false, address);
});

test('networks agree with arithmetic on their numbers', () => {
  const four = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)).map((parts) => parts.join('.'));
  const six = fc
    .array(fc.nat(65_535), { minLength: 8, maxLength: 8 })
    .map((parts) => parts.map((one) => one.toString(16)).join(':'));
  const near = fc
    .tuple(four, fc.nat(32), fc.nat(255))
    .map(([base, bits, last]) => [`${base}/${bits}`, base.replace(/\d+$/, `${last}`)] as const);
  const nearSix = fc
    .tuple(six, fc.nat(127), fc.nat(65_535))
    .map(([base, bits, last]) => [`${base}/${bits + 1}`, base.replace(/[^:]+$/, last.toString(16))] as const);
  fc.assert(
    fc.property(fc.oneof(near, nearSix), ([network, address]) => {
      assert.equal(compileNetworks([network])?.(address), isInNetwork(network, address), `${network} ${address}`);
    }),
    { numRuns: 2_000 },
  );
});

test('what is no network is none', () => {
  for (const text of [
    '',
    '10.0.0.0/33',
    '10.0.0/8',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '::/129',
    'fe80::1%eth0',
    '10.0.0.0/-1',
  ]) {
    assert.equal(isNetwork(text), false, text);
    assert.equal(compileNetworks(['10.0.0.0/8', text]), undefined, text);
  }
});
