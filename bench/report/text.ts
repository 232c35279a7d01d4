import type { Machine } from '../machine.ts';
import type { Hot } from '../profile/hot.ts';
import type { Bar, Row } from '../row.ts';
import { columns, digits } from './format.ts';

const heads = [
  'case',
  'per second',
  'p50 ms',
  'p95 ms',
  'p99 ms',
  'floor /s',
  'before–after',
  'ratio',
  'CPU-ms node',
  'PostgreSQL',
  'generator',
  'floor node',
  'PostgreSQL',
  'RSS MB',
  'errors',
];

function cells({ name, unit, measured, floor, ratio, skipped }: Row): string[] {
  if (skipped !== undefined) return [name, 'skipped'];
  if (measured === undefined) return [name, '–'];
  const { units_per_s, latency_ms, cpu_ms, requests, rss_peak_bytes, errors } = measured;
  const each = (ms: number): string => digits(ms / Math.max(1, requests));
  return [
    name,
    `${digits(units_per_s)} ${unit === 'requests' ? 'req' : 'res'}`,
    digits(latency_ms.p50),
    digits(latency_ms.p95),
    digits(latency_ms.p99),
    floor === undefined ? '–' : digits(floor.units_per_s),
    floor === undefined ? '–' : `${digits(floor.before.units_per_s)}–${digits(floor.after.units_per_s)}`,
    ratio === undefined ? '–' : digits(ratio),
    each(cpu_ms.server),
    each(cpu_ms.postgres),
    each(cpu_ms.generator),
    ...floorCpu(floor),
    digits(rss_peak_bytes / 1e6),
    String(errors),
  ];
}

function floorCpu(floor: Row['floor']): string[] {
  if (floor === undefined) return ['–', '–'];
  const requests = Math.max(1, floor.before.requests + floor.after.requests);
  const sum = (part: 'server' | 'postgres'): number => floor.before.cpu_ms[part] + floor.after.cpu_ms[part];
  return [digits(sum('server') / requests), digits(sum('postgres') / requests)];
}

function barCells({ what, sense, bound, value, unit, pass }: Bar): string[] {
  const off = bound === 0 ? '' : ` by ${digits((Math.abs(value - bound) / bound) * 100)} %`;
  const sign = sense === 'at least' ? '≥' : '≤';
  return [
    what,
    `${sign} ${digits(bound)} ${unit}`.trim(),
    `${digits(value)} ${unit}`.trim(),
    pass ? 'pass' : `MISS${off}`,
  ];
}

const section = (title: string, text: string): string => (text === '' ? '' : `\n${title}\n${text}\n`);

const hotText = (hot: readonly Hot[]): string =>
  hot.map(({ name, where, share }) => `${digits(share * 100).padStart(5)} %  ${name}  ${where}`).join('\n');

function profileText({ name, profile }: Row): string {
  if (profile === undefined) return '';
  const self = section(`${name}: main thread of the server, time in a function's own code`, hotText(profile.self));
  return self + section(`${name}: the same, with what was done on its behalf`, hotText(profile.owners));
}

export const machineLine = (
  { cores, processor, memory_gb, node, fdatasync_per_s }: Machine,
  postgres: string,
): string =>
  `${cores} cores (${processor}), ${digits(memory_gb)} GB, node ${node}, PostgreSQL ${postgres}, ` +
  `${digits(fdatasync_per_s)} fdatasync/s of 8 KB`;

/** All results as a text for the terminal. CPU is per request; a bundle is one request. */
export function resultText(rows: readonly Row[]): string {
  const loaded = rows.filter(({ measured, skipped }) => measured !== undefined || skipped !== undefined);
  const figures = rows.flatMap(({ name, figures: all }) =>
    all.map(({ what, value, unit }) => [`${name}: ${what}`, `${digits(value)} ${unit}`.trim()]),
  );
  const bars = rows.flatMap((row) => row.bars.map(barCells));
  const told = rows.flatMap(({ name, measured }) => (measured?.told ?? []).map((text) => `${name}: ${text}`));
  const notes = rows.map(({ name, text, skipped }) => [name, skipped === undefined ? text : `skipped: ${skipped}`]);
  return [
    section('Load', loaded.length === 0 ? '' : columns([heads, ...loaded.map(cells)])),
    section('Figures', columns(figures)),
    section('Bars', columns(bars)),
    section('Errors', told.join('\n')),
    section('Cases', notes.map(([name = '', text = '']) => `${name.padEnd(16)}${text}`).join('\n')),
    ...rows.map(profileText),
  ].join('');
}
