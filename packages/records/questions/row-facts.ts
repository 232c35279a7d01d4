import type { RowFacts } from '@safeguard/access';
import { type Criterion, parseWritten, typeName } from '@safeguard/fhir';
import type { Principal } from '@safeguard/http';
import { fault, isUuid, type JsonObject } from '@safeguard/kernel';
import type { Shelf } from '../call.ts';
import { segmentOf } from '../index-rows/index.ts';
import { fulfils } from '../search/criteria.ts';
import { conditionsOf, criterionOf } from '../search/rule-query.ts';
import type { StoredRow } from '../storage/rows.ts';
import { storedTexts } from '../storage/stored.ts';
import { type Content, contentOf, fulfillingOf, type Judging } from '../verbs/judge.ts';
import { judgingOf } from '../verbs/sight.ts';

/** What a policy asks of stored resources, answered for nobody in particular. */

/** The house itself, which sees everything and asks the clinical segment alone. */
const houseOf = (tenant: number): Principal => ({
  ...{ tenant, kind: 'operator', id: 'safeguard', scopes: [], view: 'deidentified' },
});

/** FHIR queries on resources of a type. Those that lead to other resources must be said beforehand. */
export type Queries = (type: string) => readonly string[];

const chains = (criterion: Criterion): boolean =>
  criterion.kind === 'chain' || (criterion.kind === 'and' && criterion.all.some(chains));

/** Whether a query looks at what stands in the identity segment. */
const asksIdentity = (type: string, query: string): boolean =>
  conditionsOf(criterionOf(type, query)).some(
    ({ parameter, modifier }) => segmentOf(parameter, modifier) === 'identity',
  );

const unannounced = (): never => {
  throw fault('internal', 'A query that leads to other resources was not said beforehand');
};

const labelsOf = ({ meta }: JsonObject): string[] => {
  const { security } = (meta ?? {}) as { readonly security?: unknown };
  return (Array.isArray(security) ? security : []).map((one: JsonObject) => `${one.system ?? ''}|${one.code ?? ''}`);
};

type Answers = ReadonlyMap<string, ReadonlySet<Content>>;

function factsOf(content: Content, answers: Answers, patients: ReadonlyMap<string, Content>): RowFacts {
  const { type, id } = content;
  return {
    ...{ type, id, patients: content.patients() },
    labels: content.mayBeLabelled ? labelsOf(content.resource()) : [],
    fulfils: (query) =>
      answers.get(query)?.has(content) ?? fulfils(content.resource(), criterionOf(type, query), unannounced),
    patientFulfils: (query) => {
      const criterion = criterionOf('Patient', query, true);
      return content.patients().some((one) => {
        const patient = patients.get(one);
        return patient !== undefined && fulfils(patient.resource(), criterion, unannounced);
      });
    },
  };
}

const labelled = '"security":';

/** What can be read of some rows, identity's part too where a query looks there. */
async function contentsOf(shelf: Shelf, tenant: number, rows: readonly StoredRow[], isWhole: boolean) {
  const texts = isWhole ? await shelf.opener.texts(tenant, rows, 'full') : await storedTexts(shelf.seal, tenant, rows);
  return rows.flatMap((row, index): Content[] => {
    const text = texts[index];
    if (text === undefined) return [];
    return [contentOf(typeName(row.type), row.id, () => parseWritten(text) as JsonObject, text.includes(labelled))];
  });
}

/** The Patients in whose compartments resources lie, by id: those that there are. */
async function patientsOf(shelf: Shelf, tenant: number, contents: readonly Content[]): Promise<Map<string, Content>> {
  const ids = [...new Set(contents.flatMap((one) => one.patients()))].filter(isUuid);
  const rows = ids.length === 0 ? [] : await shelf.reader.currents(tenant, ids);
  const live = rows.filter(({ type, body }) => body !== null && typeName(type) === 'Patient');
  return new Map((await contentsOf(shelf, tenant, live, false)).map((one) => [one.id, one]));
}

async function answersOf(judging: Judging, contents: readonly Content[], queries: readonly string[]): Promise<Answers> {
  const type = contents[0]?.type ?? '';
  const far = queries.filter((query) => chains(criterionOf(type, query)));
  const found = far.map(async (query) => [query, new Set(await fulfillingOf(judging, query, contents))] as const);
  return new Map(await Promise.all(found));
}

/** The facts of live rows, in no order. What nobody can read any more is left out. */
export async function factsOfRows(
  shelf: Shelf,
  tenant: number,
  rows: readonly StoredRow[],
  queries: Queries,
): Promise<RowFacts[]> {
  const judging = judgingOf(shelf, houseOf(tenant), 'any');
  const found: RowFacts[] = [];
  for (const [number, some] of Map.groupBy(rows, ({ type }) => type)) {
    const type = typeName(number);
    const asked = queries(type);
    const isWhole = asked.some((query) => asksIdentity(type, query));
    const contents = await contentsOf(shelf, tenant, some, isWhole);
    const [answers, patients] = await Promise.all([
      answersOf(judging, contents, asked),
      patientsOf(shelf, tenant, contents),
    ]);
    for (const content of contents) found.push(factsOf(content, answers, patients));
  }
  return found;
}
