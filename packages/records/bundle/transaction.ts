import { validate } from '@safeguard/fhir';
import { fault, type Issue, type JsonObject } from '@safeguard/kernel';
import { type Call, type Outcome, requireFullView, type Shelf, targetOf } from '../call.ts';
import { isConflict } from '../storage/put.ts';
import { inTurns } from '../storage/seal-write.ts';
import { stampedText } from '../storage/stamp.ts';
import { putLocked } from '../verbs/put-locked.ts';
import { one } from './batch.ts';
import type { Entry } from './plan.ts';
import { conditionOf, type Slot, slotsOf } from './references.ts';
import { type Plan, resolve } from './resolve.ts';
import { bundleText, entryText, type Preference } from './respond.ts';

const attempts = 10;
const reads = new Set(['GET', 'HEAD']);

/**
 * FHIR R4 3.1.0.11 transaction: all writes or none, in one transaction of the clinical segment and with one event.
 * Reads are done after the commit, as the order of 3.1.0.11.2 has it; a read that fails is told in its entry.
 */
export async function transaction(
  shelf: Shelf,
  call: Call,
  entries: readonly Entry[],
  preference: Preference,
): Promise<Outcome> {
  for (const entry of entries) shelf.guard(call.principal, entry.action, { type: entry.type });
  const writes = entries.filter((entry) => !reads.has(entry.method));
  if (writes.length > 0) requireFullView(call);
  refuseTwice(writes);
  await checkResources(writes);
  const slots = (await inTurns(writes, slotsOf)).flat();
  guardConditions(shelf, call, writes, slots);
  const plan = await commit(shelf, call, writes, slots);
  const texts = new Array<string>(entries.length);
  await inTurns(writes, (entry) => {
    texts[entry.index] = writtenText(call.base, entry, plan, preference);
  });
  for (const entry of entries.filter((some) => reads.has(some.method))) {
    texts[entry.index] = await one(shelf, call, entry, preference);
  }
  const text = bundleText('transaction-response', texts);
  return { status: 200, text, targets: plan.targets, ...(plan.event ? { event: plan.event } : {}) };
}

/** What a condition matches can be told from the answer: each is a search. */
function guardConditions(shelf: Shelf, call: Call, writes: readonly Entry[], slots: readonly Slot[]): void {
  const searched = new Set(slots.flatMap(({ sent }) => conditionOf(sent)?.type ?? []));
  for (const { type, conditions } of writes) if (conditions['if-none-exist'] !== undefined) searched.add(type);
  for (const type of searched) shelf.guard(call.principal, 'search-type', { type });
}

/** Looks up, seals, and commits; again when what was looked up changed meanwhile. */
async function commit(shelf: Shelf, call: Call, writes: readonly Entry[], slots: readonly Slot[]): Promise<Plan> {
  const { tenant } = call.principal;
  for (let attempt = 1; ; attempt += 1) {
    const plan = await resolve(shelf, call, writes, slots);
    const event = call.event(200, plan.targets);
    if (plan.writes.length === 0) return plan;
    const sealed = await shelf.writer.seal(tenant, plan.writes, event);
    try {
      if (await putLocked(shelf, tenant, plan.locks, sealed)) return { ...plan, event };
      throw fault('conflict', 'Others kept writing what this transaction needs; try again');
    } catch (error) {
      if (!isConflict(error) || attempt === attempts) throw error;
      plan.undo();
    }
  }
}

/** 3.1.0.11.2: no resource may stand in two entries. */
function refuseTwice(writes: readonly Entry[]): void {
  const names = writes.flatMap((entry) => (entry.id === undefined ? [] : `${entry.type}/${entry.id}`));
  const urls = writes.flatMap((entry) => entry.fullUrl ?? []);
  if (new Set(names).size < names.length || new Set(urls).size < urls.length) {
    throw fault('invalid', 'A resource or a fullUrl stands in two entries of the transaction');
  }
}

async function checkResources(writes: readonly Entry[]): Promise<void> {
  const found = await inTurns(writes, ({ resource, type, index, id }) => {
    if (resource === undefined) return [];
    const issues = validate(resource, { type, conditionalReferences: true });
    const mismatch = id !== undefined && (resource as JsonObject).id !== id;
    const sameId: Issue = { severity: 'error', code: 'value', text: 'Expected the id of the URL', at: `${type}.id` };
    return [...issues, ...(mismatch ? [sameId] : [])].map((issue) => ({ ...issue, at: entryPath(issue.at, index) }));
  });
  const issues = found.flat().slice(0, 50);
  if (issues.some((issue) => issue.severity === 'error')) {
    throw fault('invalid', 'The transaction holds a resource that is not valid FHIR R4', { issues });
  }
}

const entryPath = (at: string | undefined, index: number): string =>
  `Bundle.entry[${index}].resource${(at ?? '').replace(/^[A-Za-z]+/, '')}`;

function writtenText(base: string, entry: Entry, plan: Plan, preference: Preference): string {
  const result = plan.results.get(entry.index);
  if (result === undefined) return entryText(base, { status: 204, targets: [] }, false);
  const { status, head } = result;
  const text = preference === 'representation' && entry.resource ? stampedText(head, entry.resource) : undefined;
  return entryText(base, { status, head, targets: [targetOf(head)], ...(text ? { text } : {}) }, text !== undefined);
}
