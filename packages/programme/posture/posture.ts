import type { EvidenceStore } from '../checks/types.ts';
import type { Content } from '../content/types.ts';
import type { Decision, Waiver } from '../decisions/types.ts';
import { rolledUp, stateOf } from './control-state.ts';
import type { ControlState, Posture, PostureInput, StateName } from './types.ts';

/**
 * The state of every control at a moment: a pure function of evidence that the ledger bears out, recorded decisions,
 * conditions and published policies. Nothing else enters, so nothing sets a state.
 */
export function postureAt(input: PostureInput): Posture {
  const own = new Map([...input.controls.values()].map((control) => [control.id, stateOf(control, input)]));
  const below = Map.groupBy(
    [...own.values()].filter(({ control }) => control.standard !== undefined),
    ({ control }) => control.standard,
  );
  const controls = [...own.values()].map((state) => rolledUp(state, below.get(state.control.id) ?? []));
  return { at: input.at, controls, counts: countsOf(controls), forged: input.forged ?? [] };
}

const none: Readonly<Record<StateName, number>> = {
  ...{ met: 0, unmet: 0, unknown: 0 },
  ...{ documented: 0, undocumented: 0, 'not-applicable': 0 },
};

function countsOf(controls: readonly ControlState[]): Readonly<Record<StateName, number>> {
  const counts = { ...none };
  for (const { state } of controls) counts[state] += 1;
  return counts;
}

export interface PostureDeps {
  readonly content: Pick<Content, 'controls' | 'organization'>;
  readonly checks: PostureInput['checks'];
  readonly evidence: Pick<EvidenceStore, 'newest'>;
  /** In force at a moment, by control: those of the house (tenant 1). */
  readonly decisionsAt: (at: number) => Promise<ReadonlyMap<string, Decision>>;
  readonly waiversAt: (at: number) => Promise<ReadonlyMap<string, Waiver>>;
  /** Ids of the policies of the house that were published at a moment. */
  readonly publishedAt: (at: number) => Promise<ReadonlySet<string>>;
}

/**
 * The posture now and at any moment of the past: what was received, decided and published by then, held against the
 * controls of today's content.
 */
export function createPosture(deps: PostureDeps): { at(at: number): Promise<Posture> } {
  const { content, checks, evidence } = deps;
  return {
    at: async (at) => {
      const [{ found, forged }, decisions, waivers, published] = await Promise.all([
        evidence.newest(at),
        deps.decisionsAt(at),
        deps.waiversAt(at),
        deps.publishedAt(at),
      ]);
      const { controls, organization } = content;
      const { conditions } = organization;
      return postureAt({ at, controls, conditions, checks, newest: found, decisions, waivers, published, forged });
    },
  };
}
