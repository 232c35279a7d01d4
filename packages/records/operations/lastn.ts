import { type Criterion, parametersOf, parseWritten, readSearch } from '@safeguard/fhir';
import { fault, type JsonObject } from '@safeguard/kernel';
import { type Call, type Outcome, type Shelf, targetOf } from '../call.ts';
import { fulfils } from '../search/criteria.ts';
import type { Planning } from '../search/plan.ts';
import { seenSql } from '../search/seen-sql.ts';
import { requireCompartmentShown, requireCriterion, requireShown } from '../search/shown.ts';
import { headOf } from '../storage/open.ts';
import { hiddenTexts } from '../verbs/hiding.ts';
import { seen } from '../verbs/sight.ts';
import { careDates } from './care-date.ts';
import { type CompartmentRow, compartmentRows } from './compartment.ts';

const [rows_at_once, most_rows] = [500, 20_000];
const patientForm = /^(?:Patient\/)?([0-9a-f-]{36})$/;

/** An observation that fulfils the question, opened. */
interface Found {
  readonly row: CompartmentRow;
  readonly text: string;
  readonly resource: JsonObject;
  /** When it was made; what has no time is the oldest. */
  readonly at: number;
}

/**
 * `Observation/$lastn` (FHIR R4 observation-operation-lastn): of one patient, the newest `max` (default 1) observations
 * of each code, newest first. Reads the patient's observations and judges each: at most 20,000.
 */
export async function lastn(shelf: Shelf, call: Call, query: URLSearchParams): Promise<Outcome> {
  shelf.guard(call.principal, 'lastn', { type: 'Observation' });
  const { max, patient, where } = readAsked(shelf, call, query);
  const { planning } = await shelf.engine.search(call.principal);
  requireAskedShown(planning, where);
  const visible = await seenSql(planning, ['Observation']);
  const found: Found[] = [];
  for (let after = -1, looked = 0; ; ) {
    const ask = { patient, types: ['Observation'], since: undefined, after, limit: rows_at_once, visible };
    const rows = await compartmentRows(shelf, call.principal.tenant, ask);
    found.push(...(await fulfilling(shelf, call, rows, where)));
    looked += rows.length;
    if (looked > most_rows) throw fault('unprocessable', `$lastn reads ${most_rows} observations of a patient at most`);
    const last = rows.at(-1);
    if (last === undefined || rows.length < rows_at_once) break;
    after = last.seq;
  }
  const whole = newest(found, max);
  const texts = await hiddenTexts(shelf, call, 'lastn', whole);
  const last = whole.map((one, index) => ({ ...one, text: texts[index] ?? one.text }));
  const rows = last.map(({ row }) => row);
  return { ...respond(call, last), patients: await shelf.patientsOf(call.principal.tenant, rows) };
}

/** What the question looks at, and what the answers are grouped and sorted by. Fault `forbidden`: it is hidden. */
function requireAskedShown(planning: Planning, where: Criterion): void {
  requireCriterion(planning, 'Observation', where);
  for (const code of ['code', 'date']) {
    const parameter = planning.parameters('Observation').get(code);
    if (parameter !== undefined) requireShown(planning, parameter);
  }
  requireCompartmentShown(planning, 'Observation');
}

interface Asked {
  readonly max: number;
  readonly patient: string;
  readonly where: Criterion;
}

function readAsked(shelf: Shelf, call: Call, query: URLSearchParams): Asked {
  const text = query.get('max') ?? '1';
  if (!/^[1-9]\d{0,3}$/.test(text)) throw fault('invalid', 'max: expected a whole number, 1 or more');
  const rest = new URLSearchParams([...query].filter(([name]) => !['max', '_format', '_pretty'].includes(name)));
  const subject = rest.get('patient') ?? rest.get('subject') ?? rest.get('subject:Patient') ?? '';
  const patient = patientForm.exec(subject)?.[1];
  const narrowed = ['code', 'category'].some((name) => rest.has(name));
  if (patient === undefined || !narrowed) {
    throw fault('invalid', '$lastn: expected one patient (or subject), and a category or a code');
  }
  const { where, includes, sort } = readSearch('Observation', rest, {
    parameters: (type) => parametersOf(type),
    lenient: call.lenient ?? false,
    now: shelf.clock.now(),
    base: call.base,
  });
  if (includes.length + sort.length > 0) throw fault('invalid', '$lastn: takes neither _include nor _sort');
  return { max: Number(text), patient, where };
}

const chained = (): never => {
  throw fault('invalid', '$lastn: expected parameters of Observation, without chains');
};

async function fulfilling(
  shelf: Shelf,
  call: Call,
  rows: readonly CompartmentRow[],
  where: Criterion,
): Promise<Found[]> {
  const { tenant, view } = call.principal;
  const visible = (await seen(shelf, call, 'lastn', rows)) as CompartmentRow[];
  const texts = await shelf.opener.texts(tenant, visible, view);
  return visible.flatMap((row, index) => {
    const text = texts[index];
    if (text === undefined) return [];
    const resource = parseWritten(text) as JsonObject;
    if (!fulfils(resource, where, chained)) return [];
    const at = Math.max(
      Number.NEGATIVE_INFINITY,
      ...careDates(resource).map(({ low, high }) => (Number.isFinite(high) ? high : low)),
    );
    return [{ row, text, resource, at }];
  });
}

interface Concept {
  readonly coding?: readonly { readonly system?: string; readonly code?: string }[];
  readonly text?: string;
}

/** The codes of an observation, each by which it may belong to a group; its text where it has no coding. */
function codesOf({ code }: JsonObject): string[] {
  const { coding = [], text = '' } = (code ?? {}) as Concept;
  const codes = coding.filter((one) => one.code !== undefined).map((one) => `${one.system ?? ''}|${one.code}`);
  return codes.length > 0 ? codes : [`"${text}`];
}

/** Groups those that share a code, and keeps of each group the newest; groups in the order of their newest. */
function newest(found: readonly Found[], max: number): Found[] {
  const groups = new Map<string, Found[]>();
  for (const one of [...found].sort((a, b) => b.at - a.at || b.row.seq - a.row.seq)) {
    const codes = codesOf(one.resource);
    const group = codes.map((code) => groups.get(code)).find((known) => known !== undefined) ?? [];
    for (const code of codes) if (!groups.has(code)) groups.set(code, group);
    if (group.length < max) group.push(one);
  }
  return [...new Set(groups.values())].flat();
}

function respond(call: Call, found: readonly Found[]): Outcome {
  const head = JSON.stringify({ resourceType: 'Bundle', type: 'searchset', total: found.length });
  const entries = found.map(
    ({ row, text }) => `{"fullUrl":"${call.base}/Observation/${row.id}","resource":${text},"search":{"mode":"match"}}`,
  );
  return {
    status: 200,
    text: `${head.slice(0, -1)}${entries.length > 0 ? `,"entry":[${entries.join(',')}]` : ''}}`,
    targets: found.map(({ row }) => targetOf(headOf(row))),
  };
}
