import { hash } from 'node:crypto';
import { fault, isFault, newId } from '@safeguard/kernel';
import { families } from '../content/types.ts';
import type { Actor } from '../workflow/types.ts';
import { auditDocument } from './audit/audit.ts';
import { makeBundle } from './bundle/bundle.ts';
import { documentHtml } from './document/html.ts';
import { documentPdf } from './document/pdf.ts';
import { keep, lastWhole, readPart, readWhole, reportOf, rowById, rowsOf } from './keep.ts';
import { house, readPeriod } from './period/period.ts';
import type { Making, Report, Reports, ReportsDeps, Told, Wanted } from './types.ts';

const list_most = 200;
const year_ms = 366 * 86_400_000;
const period_most_ms = 7 * year_ms;

const invalid = (at: string, expected: string) => {
  const text = `${at}: expected ${expected}`;
  return fault('invalid', text, { issues: [{ severity: 'error', code: 'invalid', text, at }] });
};

function checkWanted({ clock }: ReportsDeps, { tenant }: Actor, { from, until, families: scope = [] }: Wanted): void {
  if (tenant !== house) throw fault('forbidden', 'Access denied: reports are of the organization that runs this.');
  if (!(from > 0 && from < until)) throw invalid('from', 'a time before the end of the period');
  if (until > clock.now() + 1) throw invalid('until', 'a time that has come: nothing is known of the future');
  if (until - from > period_most_ms) throw invalid('from', 'at most seven years before the end of the period');
  if (scope.some((one) => !families.includes(one))) throw invalid('families', 'families of controls that there are');
}

/** The entry of the platform's log that says that a report of this digest was made. */
async function chained({ ledger }: ReportsDeps, actor: Actor, id: string, wanted: Wanted, at: number, digest: string) {
  const { kind: report, from, until } = wanted;
  const entry = { id, at, kind: 'report', report, from, until, digest, by: actor.id };
  const { log, first } = await ledger.append(0, [entry]);
  return { shard: Number(log.split('/').at(-1)), index: first };
}

interface Order {
  readonly id: string;
  readonly actor: Actor;
  readonly wanted: Wanted;
  readonly told: Told;
}

async function makeAudit(deps: ReportsDeps, { id, actor, wanted, told }: Order): Promise<Report> {
  const { from, until, families: scope = [], format = 'pdf' } = wanted;
  const at = deps.clock.now();
  const period = await readPeriod(deps, { from, until }, undefined, told);
  const named = scope.length === families.length ? [] : scope;
  told('Writing the report', 0.9);
  const document = auditDocument(deps, { id, period, families: named, made_at: at });
  const bytes = format === 'pdf' ? await documentPdf(document) : Buffer.from(documentHtml(document));
  const place = await chained(deps, actor, id, wanted, at, hash('sha256', bytes, 'hex'));
  const media = format === 'pdf' ? 'application/pdf' : 'text/html';
  const report = { id, kind: 'audit', media, from, until, families: named, made_by: actor.id, at, place } as const;
  return keep(deps, report, bytes, undefined);
}

async function makeZip(deps: ReportsDeps, { id, actor, wanted, told }: Order): Promise<Report> {
  const { from, until, notes = false } = wanted;
  const at = deps.clock.now();
  const [last] = await rowsOf(deps, 'bundle', 1);
  const previous = last?.marks == null ? undefined : { id: last.id, marks: last.marks };
  const chain = (digest: string) => chained(deps, actor, id, wanted, at, digest);
  const input = { id, from, until, made_at: at, notes, previous };
  const { bytes, place, marks } = await makeBundle(deps, input, chain, told);
  const report = {
    id,
    kind: 'bundle',
    media: 'application/zip',
    from,
    until,
    families: [],
    made_by: actor.id,
  } as const;
  return keep(deps, { ...report, at, place }, bytes, marks);
}

/** Those that ended stay known for so long. */
const known_ms = 3_600_000;
const wordsOf = (error: unknown): string => (isFault(error) ? error.message : 'It failed.');

/** Reports in the background of this process: one at a time, so that none slows down what the platform is there for. */
function background(deps: ReportsDeps, make: (order: Order) => Promise<Report>) {
  const known = new Map<string, Making & { readonly at: number }>();
  let queue: Promise<unknown> = Promise.resolve();
  const tell = (id: string, state: Making['state'], text: string, share: number): void => {
    known.set(id, { id, state, text, share, at: deps.clock.now() });
  };
  const start = (actor: Actor, wanted: Wanted): Making => {
    checkWanted(deps, actor, wanted);
    const [id, now] = [newId(), deps.clock.now()];
    for (const [old, { at, state }] of known) if (state !== 'making' && at < now - known_ms) known.delete(old);
    const told: Told = (text, share) => tell(id, 'making', text, share);
    tell(id, 'making', 'Waits for its turn', 0);
    queue = queue
      .then(() => make({ id, actor, wanted, told }))
      .then(
        () => tell(id, 'made', 'Made', 1),
        (error: unknown) => {
          tell(id, 'failed', wordsOf(error), 1);
          deps.failed?.('a report could not be made', error);
        },
      );
    return { id, state: 'making', text: 'Waits for its turn', share: 0 };
  };
  const making = (id: string): Making | undefined => {
    const found = known.get(id);
    return found === undefined ? undefined : { id, state: found.state, text: found.text, share: found.share };
  };
  return { start, making };
}

/** Audit reports and evidence bundles over the platform: made, chained, kept and read. */
export function createReports(deps: ReportsDeps): Reports {
  const make = (order: Order): Promise<Report> =>
    order.wanted.kind === 'audit' ? makeAudit(deps, order) : makeZip(deps, order);
  return {
    ...background(deps, make),
    make: async (actor, wanted, told = () => undefined) => {
      checkWanted(deps, actor, wanted);
      return make({ id: newId(), actor, wanted, told });
    },
    list: async () => (await rowsOf(deps, undefined, list_most)).map(reportOf),
    byId: async (id) => {
      const row = await rowById(deps, id);
      return row === undefined ? undefined : reportOf(row);
    },
    part: (id, n) => readPart(deps, id, n),
    read: (id) => readWhole(deps, id),
    lastReport: () => lastWhole(deps),
  };
}
