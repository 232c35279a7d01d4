import { type Content, type Control, families } from '../content/types.ts';
import type { PolicyVersion } from '../policies/types.ts';
import type { CheckState, ControlState, Posture } from '../posture/types.ts';
import { groupsOf } from './groups.ts';
import { checksIn, examining, standingOf, worstOf } from './standing.ts';
import type {
  ControlFacts,
  Counts,
  Facts,
  FamilyFacts,
  NeedFacts,
  PolicyFacts,
  Proof,
  ProposedFacts,
  Unmet,
} from './types.ts';

export interface FactsInput {
  readonly content: Content;
  readonly posture: Posture;
  /** The published ones of the house. */
  readonly policies: readonly PolicyVersion[];
  readonly unmet: Unmet;
  readonly render: (text: string) => string;
}

/**
 * What everybody may know, made of what officers know. It is the only way from a posture to the public: causes,
 * exceptions, queries, waivers, the words of decisions and ids of evidence and people end here.
 */
export function factsOf(input: FactsInput): Facts {
  const { content, posture, policies, unmet } = input;
  const states = new Map(posture.controls.map((state) => [state.control.id, state]));
  const controls = new Map(
    [...content.controls.values()].map((control) => [control.id, controlOf(input, control, states)]),
  );
  return {
    ...{ at: posture.at, unmet, organization: content.organization, controls },
    counts: countsOf([...controls.values()]),
    needs: needsOf(input, states),
    families: families.map((family) => familyOf(family, [...controls.values()])),
    proposed: proposedOf(content),
    policies: policies.map(policyOf),
    subprocessors: content.subprocessors,
  };
}

type States = ReadonlyMap<string, ControlState>;

function controlOf(input: FactsInput, control: Control, states: States): ControlFacts {
  const { content, unmet, render, policies } = input;
  const { id, citation, title, family, kind, standard, level, requirement, verified } = control;
  const state = states.get(id);
  const standing = standingOf(state?.state ?? 'unknown', examining(state, states), unmet);
  return {
    ...{ id, citation, title, family, kind, level, requirement, verified, standing },
    ...(standard === undefined ? {} : { standard }),
    approach: render(control.approach),
    ...whyNot(content, control, standing.state),
    ...decidedOf(state, standing.state),
    policies: control.policies.flatMap((section) => sectionOf(section, policies)),
    carried: content.organization.lines.map((line) => {
      const { by, with: needs = [], customer } = control.carried[line];
      return { line, by, with: needs, ...(customer === undefined ? {} : { customer }) };
    }),
    crosswalks: [...content.crosswalks.values()].flatMap(({ title: name, ids }) => {
      const found = ids.get(id) ?? [];
      return found.length === 0 ? [] : [{ title: name, ids: found }];
    }),
    proofs: standing.state === 'met' ? (state?.checks ?? []).flatMap(proofOf) : [],
  };
}

function proofOf({ title, evidence }: CheckState): Proof[] {
  if (evidence === undefined) return [];
  const { at, how } = evidence.evidence;
  return [{ title, at, how }];
}

/** Words of the programme, never those of a decision. */
function whyNot({ controls, organization }: Content, control: Control, state: string): { otherwise?: string } {
  const standard = controls.get(control.standard ?? '');
  const found = [control.applies, standard?.applies].find(
    (one) => one !== undefined && !organization.conditions.includes(one.when),
  );
  return state === 'not-applicable' && found !== undefined ? { otherwise: found.otherwise } : {};
}

/** Of what does not hold nothing is told, not even that a decision is missing. */
function decidedOf(state: ControlState | undefined, shown: string): Pick<ControlFacts, 'decision'> {
  const told = ['met', 'documented', 'not-applicable'].includes(shown) ? state?.decision : undefined;
  return told === undefined ? {} : { decision: { kind: told.kind, at: told.at } };
}

/** `<policy>#<section>` of a published policy, by its titles; of others nothing. */
function sectionOf(named: string, policies: readonly PolicyVersion[]) {
  const [id = '', section = ''] = named.split('#');
  const version = policies.find((one) => one.policy === id);
  if (version === undefined) return [];
  const part = version.content.sections.find((one) => one.id === section);
  if (part === undefined) return [{ id, title: version.title }];
  return [{ id, section, title: `${version.title}: ${part.title}` }];
}

function countsOf(controls: readonly ControlFacts[]): Counts {
  const counts: Partial<Record<ControlFacts['standing']['state'], number>> = {};
  for (const { standing } of controls) counts[standing.state] = (counts[standing.state] ?? 0) + 1;
  return counts;
}

function familyOf(family: FamilyFacts['family'], all: readonly ControlFacts[]): FamilyFacts {
  const own = all.filter((one) => one.family === family);
  return { family, groups: groupsOf(own), counts: countsOf(own) };
}

function needsOf({ content, posture, unmet, render }: FactsInput, states: States) {
  const checks = checksIn(posture.controls);
  return content.needs.map((need): NeedFacts => {
    const parts = need.controls.map((id) => states.get(id));
    const named = need.checks.map((id) => checks.get(id));
    const all = [...parts, ...named].map((one) => one?.state ?? 'unknown');
    const examined = [...parts.flatMap((one) => examining(one, states)), ...named.filter((one) => one !== undefined)];
    const { id, title } = need;
    return { id, title, approach: render(need.approach), standing: standingOf(worstOf(all), examined, unmet) };
  });
}

const proposedOf = ({ profiles }: Content): ProposedFacts[] =>
  [...profiles.values()]
    .filter(({ status }) => status === 'proposed')
    .map(({ id, title, note, rows }) => ({
      ...{ id, title, note },
      rows: rows.map(({ citation, title: name, requirement, verified, controls }) => ({
        ...{ citation, title: name, requirement, verified, controls },
      })),
    }));

function policyOf(version: PolicyVersion): PolicyFacts {
  const { policy, title, number, approved_by, published_at, made_at, review_due_at, content, digest, drifted } =
    version;
  return {
    ...{ id: policy, title, number, approvals: approved_by.length, published_at: published_at ?? made_at },
    ...(review_due_at === undefined ? {} : { review_due_at }),
    ...{ owner: content.owner, digest, satisfies: content.satisfies, drifted: drifted.length > 0 },
  };
}
