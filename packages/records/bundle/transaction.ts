import { validate } from '@safeguard/fhir';
import { fault, type Issue, type JsonObject } from '@safeguard/kernel';
import { type Call, type Outcome, requireFullView, type Shelf, targetOf } from '../call.ts';
import { inTurns } from '../storage/seal-write.ts';
import { stampedText } from '../storage/stamp.ts';
import { hasErrors, nonconforming, profileIssues } from '../verbs/check.ts';
import { hidingOf } from '../verbs/hiding.ts';
import { one } from './batch.ts';
import { commit } from './commit.ts';
import { conditionOfEntry, twice } from './place.ts';
import type { Entry } from './plan.ts';
import { conditionOf, type Slot, slotsOf } from './references.ts';
import type { Plan } from './resolve.ts';
import { bundleText, entryText, type Preference } from './respond.ts';

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
  for (const { action, type } of entries) {
    shelf.guard(call.principal, action, { type });
    if (action === 'patch') shelf.guard(call.principal, 'read', { type });
  }
  const writes = entries.filter((entry) => !reads.has(entry.method));
  if (writes.length > 0) requireFullView(call);
  refuseTwice(writes);
  await checkResources(writes);
  await checkProfiles(shelf, call, writes);
  const slots = (await inTurns(writes, slotsOf)).flat();
  guardConditions(shelf, call, writes, slots);
  const plan = await commit(shelf, call, writes, slots, () => 200);
  const texts = new Array<string>(entries.length);
  const made = new Map(preference === 'representation' ? await madeTexts(shelf, call, plan) : []);
  await inTurns(writes, (entry) => {
    texts[entry.index] = writtenText(call.base, entry, plan, made);
  });
  for (const entry of entries.filter((some) => reads.has(some.method))) {
    texts[entry.index] = await one(shelf, call, entry, preference);
  }
  const text = bundleText('transaction-response', texts);
  const { targets, patients, event } = plan;
  return { status: 200, text, targets, patients, ...(event ? { event } : {}) };
}

/** What a condition matches can be told from the answer: each is a search. */
function guardConditions(shelf: Shelf, call: Call, writes: readonly Entry[], slots: readonly Slot[]): void {
  const searched = new Set(slots.flatMap(({ sent }) => conditionOf(sent)?.type ?? []));
  for (const entry of writes) if (conditionOfEntry(entry) !== undefined) searched.add(entry.type);
  for (const type of searched) shelf.guard(call.principal, 'search-type', { type });
}

/** 3.1.0.11.2: no resource may stand in two entries. */
function refuseTwice(writes: readonly Entry[]): void {
  const names = writes.flatMap((entry) => (entry.id === undefined ? [] : `${entry.type}/${entry.id}`));
  const urls = writes.flatMap((entry) => entry.fullUrl ?? []);
  if (new Set(names).size < names.length || new Set(urls).size < urls.length) {
    throw twice();
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
  const issues = found.flat().slice(0, most_issues);
  if (hasErrors(issues)) {
    throw fault('invalid', 'The transaction holds a resource that is not valid FHIR R4', { issues });
  }
}

/** 422, as for a resource of its own. */
async function checkProfiles(shelf: Shelf, call: Call, writes: readonly Entry[]): Promise<void> {
  const issues: Issue[] = [];
  const { tenant } = call.principal;
  for (const { resource, type, index, id } of writes) {
    if (resource === undefined) continue;
    const found = await profileIssues(shelf, tenant, resource, type);
    await shelf.conformance.check(tenant, resource, id);
    issues.push(...found.map((issue) => ({ ...issue, at: entryPath(issue.at, index) })));
  }
  if (hasErrors(issues)) throw nonconforming(issues.slice(0, most_issues));
}

const most_issues = 50;

const entryPath = (at: string | undefined, index: number): string =>
  `Bundle.entry[${index}].resource${(at ?? '').replace(/^[A-Za-z]+/, '')}`;

/** What was written, as its caller sees it, by id. */
async function madeTexts(shelf: Shelf, call: Call, { results, writes }: Plan): Promise<[string, string][]> {
  const heads = new Map([...results.values()].flatMap(({ head }) => (head ? [[head.id, head]] : [])));
  const texts = await inTurns(writes, async ({ id, type, resource }): Promise<[string, string][]> => {
    const head = heads.get(id);
    if (head === undefined || resource === undefined) return [];
    const hiding = await hidingOf(shelf, call, 'read', { type, id, resource });
    return [[id, hiding(stampedText(head, resource))]];
  });
  return (await Promise.all(texts)).flat();
}

function writtenText(base: string, { index }: Entry, { results }: Plan, made: ReadonlyMap<string, string>): string {
  const { status = 204, head } = results.get(index) ?? {};
  if (head === undefined) return entryText(base, { status, targets: [] }, false);
  const text = made.get(head.id);
  return entryText(base, { status, head, targets: [targetOf(head)], ...(text ? { text } : {}) }, text !== undefined);
}
