import { type Criterion, parseWritten } from '@safeguard/fhir';
import type { JsonObject } from '@safeguard/kernel';
import { candidatesIn } from './clinical-stream.ts';
import { everything } from './driver.ts';
import type { Search } from './engine.ts';
import { idLeaf } from './leaves.ts';
import { isExact, verify } from './node.ts';
import { planRule } from './rules.ts';

/** Which of some live resources of a type fulfil a rule's criterion, whoever asks: by the clinical segment alone. */
export async function fulfillingIn(
  { tenant, planning, sources, verifying }: Search,
  type: string,
  ids: readonly string[],
  where: Criterion,
): Promise<ReadonlySet<string>> {
  const node = { kind: 'and' as const, all: [idLeaf(ids), await planRule(planning.rules, where)] };
  const driver = { kind: 'ids' as const, ids };
  const found = await candidatesIn(sources.clinical, { tenant, type, node }, { driver }, everything);
  if (isExact(node)) return new Set(found.map(({ row }) => row.id));
  const texts = await verifying.stored(found.map(({ row }) => row));
  const yes = found.filter(({ facts }, index) => {
    const text = texts[index];
    return text !== undefined && verify(node, { resource: parseWritten(text) as JsonObject, facts });
  });
  return new Set(yes.map(({ row }) => row.id));
}
