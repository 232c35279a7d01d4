import type { Visibility } from '@safeguard/access';
import { type Condition, type Criterion, matches, parametersOf } from '@safeguard/fhir';
import { isUuid, type JsonObject } from '@safeguard/kernel';
import { type Probe, referenceColumns } from '../index-rows/index.ts';
import { type GuardPlanning, guardNode } from './guard.ts';
import { and, idLeaf, or } from './leaves.ts';
import { type Follow, ruleLink } from './links.ts';
import { type Leaf, type Node, never } from './node.ts';
import { isNarrow, probeLeaf } from './probe-node.ts';
import type { Owners } from './remembered.ts';
import { criterionOf } from './rule-query.ts';

/** What plans the conditions of rules: as of somebody who sees everything, by the clinical segment alone. */
export interface RulePlanning extends Follow {
  /** Without identity tokens. */
  readonly probe: (condition: Condition) => Probe;
  readonly sharedTypes: ReadonlySet<string>;
}

/** What a guard is planned with. */
export interface Guarding {
  readonly rules: RulePlanning;
  readonly owners: Owners;
  readonly visible: (type: string) => Visibility;
  /** Of a condition on the resource itself, identity tokens too. Fault `forbidden`: the view does not show it. */
  readonly probeOwn: (condition: Condition) => Probe;
}

/** Judged on what is stored, whatever the caller's view makes of it. */
const leafOf = ({ sharedTypes }: RulePlanning, probe: Probe, condition: Condition): Leaf => ({
  ...probeLeaf(probe, isNarrow(condition, sharedTypes), (resource: JsonObject) => matches(resource, condition)),
  stored: true,
});

type ProbeOf = (condition: Condition) => Probe;

async function plan(rules: RulePlanning, probeOf: ProbeOf, criterion: Criterion): Promise<Node> {
  switch (criterion.kind) {
    case 'and':
      return and(await Promise.all(criterion.all.map((one) => plan(rules, probeOf, one))));
    case 'condition':
      return leafOf(rules, probeOf(criterion), criterion);
    case 'id':
      return idLeaf(criterion.ids.filter(isUuid));
    case 'chain': {
      const columns = referenceColumns(criterion.parameter);
      const links = criterion.links.map(async ({ type, where }) =>
        ruleLink(rules, columns, { type, node: await planRule(rules, where) }),
      );
      return or(await Promise.all(links));
    }
    default:
      return never;
  }
}

/** The criterion of a rule at the far end of a reference, or on rows that are asked for by their ids. */
export const planRule = (rules: RulePlanning, criterion: Criterion): Promise<Node> =>
  plan(rules, rules.probe, criterion);

/** The column in which whose compartment it is stands: the token of the Patient, without a mask. */
const own = [{ column: 'own', mask: 0n }] as const;

async function planOfPatients(rules: RulePlanning, types: readonly string[], query: string): Promise<Node> {
  const node = await planRule(rules, criterionOf('Patient', query, true));
  return types.join() === 'Patient' ? node : ruleLink(rules, own, { type: 'Patient', node });
}

function labelled(rules: RulePlanning, types: readonly string[], labels: readonly string[]): Node {
  const leaves = types.flatMap((type): Node[] => {
    const parameter = parametersOf(type).get('_security');
    if (parameter === undefined || labels.length === 0) return [];
    const condition: Condition = { kind: 'condition', parameter, tests: labels.map(labelTest) };
    return [leafOf(rules, rules.probe(condition), condition)];
  });
  return joined(leaves);
}

/** Tokens of many types in one column are one condition: no type has another's. */
function joined(leaves: readonly Node[]): Node {
  const columns = new Map<string, bigint[]>();
  for (const leaf of leaves) {
    const [driver] = leaf.kind === 'leaf' && leaf.verify === undefined ? leaf.drivers : [];
    if (driver?.kind !== 'tokens') return or(leaves);
    for (const [column, tokens] of driver.columns) columns.set(column, [...(columns.get(column) ?? []), ...tokens]);
  }
  if (leaves.length < 2) return or(leaves);
  const any = [...columns].flatMap(([column, tokens]) => tokens.map((token) => ({ column, token })));
  return probeLeaf({ in: 'clinical', exact: true, any }, false, () => true);
}

/** `system|code`, or a code of any system. */
export function labelTest(label: string): Extract<Condition['tests'][number], { kind: 'token' }> {
  const bar = label.lastIndexOf('|');
  return bar < 0
    ? { kind: 'token', code: label }
    : { kind: 'token', system: label.slice(0, bar), code: label.slice(bar + 1) };
}

/** What a caller may see of some types that are seen alike; see guard.ts. */
export function ruledGuard(guarding: Guarding, types: readonly string[]): Promise<Node> {
  const { rules, owners, probeOwn } = guarding;
  const planning: GuardPlanning = {
    sharedTypes: rules.sharedTypes,
    owners,
    criteria: (type, query) => plan(rules, probeOwn, criterionOf(type, query)),
    ofPatients: (of, query) => planOfPatients(rules, of, query),
    labelled: (of, labels) => labelled(rules, of, labels),
  };
  return guardNode(planning, types, guarding.visible(types[0] ?? ''));
}
