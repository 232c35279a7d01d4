import { grouped } from '../progress.ts';
import { table } from '../table.ts';
import type { Reason, Tally } from './tally.ts';

export interface Summary {
  readonly files: number;
  readonly ignored: number;
  readonly resources: number;
  readonly created: number;
  readonly existing: number;
  readonly refused: number;
  readonly types: Record<string, { created: number; existing: number; refused: number }>;
  readonly reasons: readonly Reason[];
  readonly seconds: number;
  readonly resources_per_s: number;
}

/** The tally with its rate, as `--json` prints it. */
export function summarize(tally: Tally, files: number, ignored: number, duration_ms: number): Summary {
  const { created, existing, refused, reasons } = tally;
  const resources = created + existing + refused;
  const types = [...tally.types].sort(([a], [b]) => a.localeCompare(b));
  return {
    files,
    ignored,
    resources,
    created,
    existing,
    refused,
    types: Object.fromEntries(types),
    reasons,
    seconds: Number((duration_ms / 1000).toFixed(2)),
    resources_per_s: duration_ms > 0 ? Math.round((created + existing) / (duration_ms / 1000)) : 0,
  };
}

const reasonLine = ({ file, entry, status, text }: Reason): string =>
  `  ${file}${entry === undefined ? '' : ` entry ${entry}`}${status === undefined ? '' : ` (${status})`}: ${text}\n`;

/** The summary for people. */
export function summaryText(summary: Summary): string {
  const rows = Object.entries(summary.types).map(([type, { created, existing, refused }]) => [
    type,
    created,
    existing,
    refused,
  ]);
  const total = ['total', summary.created, summary.existing, summary.refused];
  const heads = ['', 'created', 'existing', 'refused'];
  const widest = rows.length > 0 ? table([heads, ...rows, total]) : '';
  const sent = `${grouped(summary.files)} files, ${grouped(summary.resources)} resources`;
  const rate = `${sent} in ${summary.seconds} s: ${grouped(summary.resources_per_s)} resources/s\n`;
  if (summary.refused === 0) return `${widest}${rate}`;
  const shown = summary.reasons.length < summary.refused ? 'Refused, the first reasons' : 'Refused';
  return `${widest}${rate}${shown}:\n${summary.reasons.map(reasonLine).join('')}`;
}
