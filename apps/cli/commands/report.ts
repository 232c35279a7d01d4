import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { fault } from '@safeguard/kernel';
import { leavesIn } from '@safeguard/verifier';
import { queryOf } from '../access/told.ts';
import { type Admin, openAdmin } from '../admin/request.ts';
import { type Command, type Input, shared } from '../command.ts';
import { createProgress, grouped, type Progress } from '../progress.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { bundleAt } from './verify-bundle.ts';

interface Report {
  readonly id: string;
  readonly state: 'made';
  readonly kind: string;
  readonly media: string;
  readonly from: string;
  readonly until: string;
  readonly made_at: string;
  readonly digest: string;
  readonly bytes: number;
  readonly parts: number;
}
type Shown =
  | Report
  | { readonly id: string; readonly state: 'making' | 'failed'; readonly text: string; readonly share: number };

const common = { data: shared.data, json: shared.json } as const;
const asJson = (value: unknown): string => `${JSON.stringify(value)}\n`;
const poll_ms = 300;
const day_ms = 86_400_000;
const isDay = /^\d{4}-\d\d-\d\d$/;

/** A day stands for its beginning; as an end it is part of the period. Never later than now. */
function timeOf(text: string, name: string, ends: boolean): number {
  const at = Date.parse(text) + (ends && isDay.test(text) ? day_ms : 0);
  if (Number.isNaN(at)) throw fault('invalid', `--${name}: expected a date, such as 2026-11-22`);
  return Math.min(at, Date.now());
}

/** The period: a year up to now unless something else is said. */
function periodOf(input: Input): { readonly from: string; readonly until: string } {
  const until = timeOf(input.text('to') ?? new Date().toISOString(), 'to', true);
  const start = new Date(until);
  start.setUTCFullYear(start.getUTCFullYear() - 1);
  const from = timeOf(input.text('from') ?? start.toISOString(), 'from', false);
  return { from: new Date(from).toISOString(), until: new Date(until).toISOString() };
}

/** Begins a report and waits for it, showing how far it is. */
async function made(admin: Admin, wanted: object, progress: Progress): Promise<Report> {
  const { id } = await admin.ask<{ id: string }>('POST', '/reports', wanted);
  for (;;) {
    const shown = await admin.ask<Shown>('GET', `/reports/${id}`);
    if (shown.state === 'made' && 'parts' in shown) return shown;
    if (shown.state === 'failed') throw fault('unprocessable', `the report could not be made: ${shown.text}`);
    if ('share' in shown) progress.update({ done: Math.round(shown.share * 100), total: 100, text: shown.text });
    await wait(poll_ms);
  }
}

/** Whole under its name, or not at all. */
async function save(admin: Admin, { id, parts, digest }: Report, path: string, progress: Progress): Promise<void> {
  const part = `${path}.part`;
  const file = await open(part, 'w', 0o600);
  const hash = createHash('sha256');
  try {
    for (let n = 0; n < parts; n += 1) {
      const { data } = await admin.ask<{ data: string }>('GET', `/reports/${id}/parts/${n}`);
      const bytes = Buffer.from(data, 'base64');
      hash.update(bytes);
      await file.writeFile(bytes);
      progress.update({ done: n + 1, total: parts, text: `${n + 1} of ${parts} MB` });
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (hash.digest('hex') !== digest) {
    await rm(part);
    throw fault('internal', 'what was received is not the report that was made');
  }
  await rename(part, path);
}

async function makeAndSave(input: Input, terminal: Terminal, wanted: object): Promise<number> {
  const path = input.text('out');
  if (path === undefined) throw fault('invalid', '--out FILE is needed');
  const admin = openAdmin(input.text('data'));
  const progress = createProgress(terminal);
  try {
    const report = await made(admin, { ...wanted, ...periodOf(input) }, progress);
    await save(admin, report, path, progress);
    progress.finish();
    const { id, digest, bytes, from, until } = report;
    const words = `${path}: ${grouped(bytes)} bytes, ${from} to ${until}\nreport ${id}, SHA-256 ${digest}\n`;
    terminal.out(input.flag('json') ? asJson({ ...report, file: path }) : words);
    return 0;
  } finally {
    progress.finish();
  }
}

const period = {
  from: { type: 'string', value: 'DATE', text: 'beginning of the period (default: a year before its end)' },
  to: { type: 'string', value: 'DATE', text: 'end of the period, this day included (default: now)' },
  out: { type: 'string', value: 'FILE', text: 'where to write it' },
} as const;

export const reportAudit: Command = {
  name: 'report audit',
  summary: 'makes an audit report over a period: every control with its evidence and exceptions',
  usage: '--out FILE [options]',
  positionals: { least: 0, most: 0 },
  text: 'Its digest stands in the log. Making one over all families counts as the evaluation of 45 CFR 164.308(a)(8).',
  options: {
    ...period,
    format: { type: 'string', choices: ['pdf', 'html'], text: 'default pdf' },
    families: { type: 'string', value: 'F,F', text: 'these families of controls alone, such as technical,physical' },
    ...common,
  },
  examples: [
    'safeguard report audit --out audit.pdf',
    'safeguard report audit --from 2026-01-01 --to 2026-06-30 --out h1.pdf',
  ],
  run(input, terminal) {
    const families = input.text('families')?.split(',');
    const wanted = { kind: 'audit', format: input.text('format') ?? 'pdf', ...(families && { families }) };
    return makeAndSave(input, terminal, wanted);
  },
};

export const reportBundle: Command = {
  name: 'report bundle',
  summary: 'makes an evidence bundle for auditors: a ZIP that verifies elsewhere (safeguard verify-bundle)',
  usage: '--out FILE [options]',
  positionals: { least: 0, most: 0 },
  options: { ...period, notes: { type: 'boolean', text: 'with what people wrote on tasks' }, ...common },
  examples: ['safeguard report bundle --from 2026-01-01 --to 2026-06-30 --out evidence.zip'],
  run: (input, terminal) => makeAndSave(input, terminal, { kind: 'bundle', notes: input.flag('notes') }),
};

export const reportList: Command = {
  name: 'report list',
  summary: 'lists the reports that were made',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  options: { ...common },
  examples: ['safeguard report list'],
  async run(input, terminal) {
    const { items } = await openAdmin(input.text('data')).ask<{ items: Report[] }>('GET', '/reports');
    const rows = items.map(({ id, kind, media, from, until, made_at, bytes }) => [
      ...[id, kind, media.split('/')[1] ?? '', from.slice(0, 10), until.slice(0, 10), made_at],
      bytes,
    ]);
    const heads = ['id', 'kind', 'form', 'from', 'until', 'made', 'bytes'];
    terminal.out(input.flag('json') ? asJson({ items }) : table([heads, ...rows]));
    return 0;
  },
};

interface Inheritance {
  readonly lines: readonly string[];
  readonly services: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
  readonly platform: Readonly<Record<string, number>>;
  readonly controls: readonly {
    readonly id: string;
    readonly title: string;
    readonly inheriting: string;
    readonly yours: readonly string[];
    readonly platform: { readonly state: string } | null;
  }[];
  readonly pdf?: string;
}

const countsText = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');

function inheritanceText({ lines, services, counts, platform, controls }: Inheritance): string {
  const rows = controls.map(({ id, title, inheriting, platform: part }) => [id, inheriting, part?.state ?? '', title]);
  const bought = `product lines: ${lines.join(', ')}; services: ${services.join(', ') || 'none'}`;
  const sums = `${countsText(counts)}; of what the platform carries: ${countsText(platform)}`;
  return `${table([['control', 'carried', 'platform now', 'title'], ...rows])}\n${bought}\n${sums}\n`;
}

async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  const file = await open(`${path}.part`, 'w', 0o600);
  try {
    await file.writeFile(bytes);
  } finally {
    await file.close();
  }
  await rename(`${path}.part`, path);
}

export const reportInheritance: Command = {
  name: 'report inheritance',
  summary: 'shows what a customer inherits: who carries each control, and how the platform’s part stands',
  usage: '[options]',
  positionals: { least: 0, most: 0 },
  options: {
    tenant: shared.tenant,
    out: { type: 'string', value: 'FILE', text: 'write it as PDF' },
    ...common,
  },
  examples: [
    'safeguard report inheritance --tenant clinic',
    'safeguard report inheritance --tenant clinic --out c.pdf',
  ],
  async run(input, terminal) {
    const path = input.text('out');
    const query = queryOf({ tenant: input.text('tenant'), format: path === undefined ? undefined : 'pdf' });
    const { pdf, ...found } = await openAdmin(input.text('data')).ask<Inheritance>('GET', `/inheritance${query}`);
    if (path !== undefined) await writeWhole(path, Buffer.from(pdf ?? '', 'base64'));
    const words = path === undefined ? inheritanceText(found) : `${path}: ${countsText(found.counts)}\n`;
    terminal.out(input.flag('json') ? asJson(found) : words);
    return 0;
  },
};

const batch = 300;

export const reportCompare: Command = {
  name: 'report compare',
  summary: 'opens the log entries of a bundle on this machine and compares them with what it states',
  usage: 'FILE [options]',
  positionals: { least: 1, most: 1 },
  text:
    'What an auditor cannot do elsewhere: the keys of the log never leave ' +
    'the instance. Exit status 1 where one differs.',
  options: { ...common },
  examples: ['safeguard report compare evidence.zip'],
  async run(input, terminal) {
    const [path = ''] = input.positionals;
    const leaves = leavesIn(await bundleAt(path));
    const admin = openAdmin(input.text('data'));
    const progress = createProgress(terminal);
    const wrong: { evidence: string; index: number }[] = [];
    try {
      for (let at = 0; at < leaves.length; at += batch) {
        progress.update({
          done: at,
          total: leaves.length,
          text: `${grouped(at)} of ${grouped(leaves.length)} entries`,
        });
        const items = leaves.slice(at, at + batch);
        wrong.push(...(await admin.ask<{ wrong: typeof wrong }>('POST', '/evidence/compare', { items })).wrong);
      }
    } finally {
      progress.finish();
    }
    const lines = wrong.map(({ evidence, index }) => `entry ${index} is not evidence ${evidence}\n`).join('');
    const held = grouped(leaves.length - wrong.length);
    const words = `${held} of ${grouped(leaves.length)} entries hold what is stated.\n`;
    terminal.out(input.flag('json') ? asJson({ entries: leaves.length, wrong }) : `${lines}${words}`);
    return wrong.length === 0 ? 0 : 1;
  },
};

export const reportCommands: readonly Command[] = [
  reportAudit,
  reportBundle,
  reportInheritance,
  reportList,
  reportCompare,
];
