import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Bar, Figure, Row } from '../row.ts';

const program = join(import.meta.dirname, '..', 'main.ts');

function bench(...args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout.on('data', (chunk) => out.push(String(chunk)));
  child.stderr.on('data', (chunk) => err.push(String(chunk)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout: out.join(''), stderr: err.join('') }));
  });
}

const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);

function checkRow({ name, measured, floor, ratio, figures, bars, skipped }: Row): void {
  if (skipped !== undefined) return;
  for (const { what, value } of [...figures, ...bars] as (Figure | Bar)[]) {
    assert.ok(isNumber(value), `${name}: ${what} is a number`);
  }
  assert.ok(measured !== undefined || figures.length > 0, `${name} has figures`);
  if (measured === undefined) return;
  assert.equal(measured.errors, 0, `${name}: ${measured.told[0]}`);
  assert.ok(measured.requests > 0 && measured.units_per_s > 0 && measured.latency_ms.p99 > 0, `${name} was loaded`);
  assert.ok(measured.rss_peak_bytes > 10e6, `${name}: the server's memory was read`);
  assert.ok(isNumber(measured.cpu_ms.server) && isNumber(measured.cpu_ms.postgres), `${name}: CPU was read`);
  if (floor !== undefined) assert.ok(floor.units_per_s > 0 && (ratio ?? 0) > 0, `${name} stands beside its floor`);
}

test('every case runs on tiny data and yields numbers', { timeout: 600_000 }, async () => {
  const room = await mkdtemp(join(tmpdir(), 'safeguard-bench-test-'));
  try {
    const json = join(room, 'result.json');
    const { code, stdout, stderr } = await bench('--tiny', '--seconds', '1', '--json', json);
    assert.equal(code, 0, `${stderr}\n${stdout}`);
    const { rows } = JSON.parse(await readFile(json, 'utf8')) as { rows: Row[] };
    const names = rows.map(({ name }) => name);
    const turns = ['transaction', 'transaction-64', 'import', 'load', 'load-synthea'];
    const last = ['search', 'search-name', 'large', 'rss', 'start'];
    const tokens = ['token-secret', 'token-es384', 'token-rs384', 'lookup-client', 'lookup-user', 'lookup-limited'];
    const people = [
      'storm-none',
      'storm-one',
      'storm-many',
      'sign-in',
      'authorize',
      'exchange',
      'refresh',
      'access-decide',
      'access-viewers',
      'checks-none',
      'checks-all',
      'programme-posture',
      'programme-report',
    ];
    assert.deepEqual(names, ['read', 'create', 'update', 'crud', ...turns, ...last, ...tokens, ...people]);
    for (const row of rows) checkRow(row);
    assert.match(stdout, /^read +[\d,.]+ req/m);
  } finally {
    await rm(room, { recursive: true, force: true });
  }
});

test('an unknown case or option is refused', async () => {
  const { code, stderr } = await bench('raed');
  assert.equal(code, 2);
  assert.match(stderr, /no case is named raed; there are read,/);
});
