import { type Condition, matches } from '@safeguard/fhir';
import type { Principal } from '@safeguard/http';
import type { Vault } from '@safeguard/seal';
import { probe, referenceColumns } from '../index-rows/index.ts';
import type { Parameters, Seeing } from './engine.ts';
import { createBudget, type Verifying } from './found.ts';
import { hiddenFrom, type ShieldOf } from './hide.ts';
import { collect, type Sources } from './level-stream.ts';
import type { Planning } from './plan.ts';
import { probeLeaf } from './probe-node.ts';
import { rememberedOwners, rememberedTokens } from './remembered.ts';
import type { RulePlanning } from './rules.ts';

/** Narrows nothing: each resource is opened and judged. */
const anything = { in: 'all', exact: false } as const;

export interface Vaults {
  readonly clinical: Vault;
  /** Absent: the caller's view is not the whole, and nothing is asked of the identity segment. */
  readonly identity?: Vault;
}

/** What one caller's searches are planned of. */
export interface PlanningDeps {
  readonly principal: Principal;
  readonly access: Seeing;
  readonly vaults: Vaults;
  readonly sources: Sources;
  readonly verifying: Verifying;
  readonly parameters: Parameters;
  /** A parameter that is not in the index of every resource yet. */
  readonly isPartial: (condition: Condition) => boolean;
  readonly few: number;
}

/** Verifies on what is stored in the clinical segment, and asks the identity segment nothing. */
const asStored = (verifying: Verifying): Verifying => ({
  ...verifying,
  view: 'full',
  budget: createBudget(),
  opener: {
    ...verifying.opener,
    open: async (_tenant, rows) =>
      (await verifying.stored(rows)).map((text) => (text === undefined ? undefined : { text })),
  },
});

/** What rules are planned with: what they lead to is no part of the answer, has a budget of its own, and no view. */
function rulesOf({ access, vaults, sources, verifying, few }: PlanningDeps): RulePlanning {
  const { tenant } = verifying;
  const tokens = rememberedTokens(vaults.clinical);
  const clinical = { ...sources, identityVault: undefined };
  return {
    ...{ tenant, few, clinical: sources.clinical, columns: referenceColumns },
    sharedTypes: access.sharedTypes,
    refersTo: refersToBy({ clinical: vaults.clinical }),
    probe: (condition) => probe(condition, { clinical: tokens }),
    collect: ({ type, node }, limit) => collect(clinical, asStored(verifying), { tenant, type, node }, limit),
  };
}

const refersToBy =
  (vaults: Vaults): Planning['refersTo'] =>
  (parameter, type, ids) => {
    const tests = ids.map((id) => ({ kind: 'reference' as const, types: [type], id }));
    const condition: Condition = { kind: 'condition', parameter, tests };
    return probeLeaf(probe(condition, vaults), false, (resource) => matches(resource, condition));
  };

export function planningOf(deps: PlanningDeps): Planning {
  const { principal, access, vaults, sources, verifying, parameters, isPartial, few } = deps;
  const { tenant, view } = principal;
  const shield: ShieldOf = (type) => access.shield?.(principal, type, 'search-type', 'any');
  return {
    ...{ tenant, view, few, parameters, shield, clinical: sources.clinical, columns: referenceColumns },
    rules: rulesOf(deps),
    refersTo: refersToBy(vaults),
    probe: (condition) => (isPartial(condition) ? anything : probe(condition, vaults)),
    visible: (type) => access.visible(principal, type),
    sharedTypes: access.sharedTypes,
    owners: rememberedOwners(vaults.clinical),
    shownPart: (resource) => hiddenFrom(resource, shield(String(resource.resourceType))?.hide ?? [], shield),
    collect: ({ type, node }, limit) => collect(sources, verifying, { tenant, type, node }, limit),
  };
}
