import type { Control } from '../content/types.ts';
import type { Decision, Waiver } from '../decisions/types.ts';
import { checkStateOf } from './check-state.ts';
import type { CheckState, ControlState, PostureInput, StateName } from './types.ts';

/** A state and why. */
interface Said {
  readonly state: StateName;
  readonly because: string;
}

/** The decision on a control that binds at the moment; nothing on what is not addressable. */
function decisionOn({ id, level }: Control, { decisions, at }: PostureInput): Decision | undefined {
  const decision = level === 'addressable' ? decisions.get(id) : undefined;
  return decision !== undefined && decision.control === id && decision.at <= at ? decision : undefined;
}

/** A waiver that runs at the moment. */
function waiverOn({ id }: Control, { waivers, at }: PostureInput): Waiver | undefined {
  const waiver = waivers.get(id);
  if (waiver === undefined || waiver.control !== id || waiver.from > at || waiver.until <= at) return undefined;
  return (waiver.ended_at ?? Number.POSITIVE_INFINITY) <= at ? undefined : waiver;
}

/** A condition of its own or of its standard that does not hold. */
function exemption(control: Control, { controls, conditions }: PostureInput): string | undefined {
  const standard = controls.get(control.standard ?? '');
  const applies = [control.applies, standard?.applies].find(
    (one) => one !== undefined && !conditions.includes(one.when),
  );
  return applies?.otherwise;
}

/** By evidence where it has checks: whatever else is said of it, each of them has to be fresh and met. */
function byChecks(checks: readonly CheckState[]): Said {
  const worst = checks.find(({ state }) => state === 'unmet') ?? checks.find(({ state }) => state === 'unknown');
  if (worst !== undefined) return { state: worst.state, because: `${worst.title}: ${worst.because}` };
  const all = checks.length === 1 ? 'Its check has' : `Each of its ${checks.length} checks has`;
  return { state: 'met', because: `${all} fresh evidence that it is.` };
}

/** By its policies where no machine can prove it. */
function byDocuments({ policies }: Control, published: ReadonlySet<string>): Said {
  const wanted = [...new Set(policies.map((section) => section.split('#')[0] ?? ''))];
  const absent = wanted.filter((policy) => !published.has(policy));
  if (wanted.length === 0) return { state: 'undocumented', because: 'It has neither a check nor a policy.' };
  if (absent.length > 0) return { state: 'undocumented', because: `Not approved and published: ${absent.join(', ')}.` };
  return { state: 'documented', because: 'It rests on approved and published policy.' };
}

/** The state of a control by itself, without those below it. */
export function stateOf(control: Control, input: PostureInput): ControlState {
  const decision = decisionOn(control, input);
  const waiver = waiverOn(control, input);
  const checks = control.checks.map((id) => checkStateOf(input, id));
  return {
    control,
    ...saidOf(control, input, { decision, checks }),
    checks,
    specifications: [],
    ...(decision === undefined ? {} : { decision }),
    ...(waiver === undefined ? {} : { waiver }),
  };
}

function saidOf(
  control: Control,
  input: PostureInput,
  { decision, checks }: { decision: Decision | undefined; checks: readonly CheckState[] },
): Said {
  const exempt = exemption(control, input);
  if (exempt !== undefined) return { state: 'not-applicable', because: exempt };
  if (control.level === 'addressable' && decision === undefined) {
    return { state: 'unmet', because: 'No decision is recorded (45 CFR 164.306(d)(3)).' };
  }
  if (decision?.kind === 'not-reasonable') {
    return { state: 'not-applicable', because: `Decided to be neither reasonable nor appropriate: ${decision.why}` };
  }
  return checks.length > 0 ? byChecks(checks) : byDocuments(control, input.published);
}

/** The weakest first: a standard is as good as the weakest of what it consists of. */
const weakest: readonly StateName[] = ['unmet', 'unknown', 'undocumented', 'documented', 'met', 'not-applicable'];

const rank = (state: StateName): number => weakest.indexOf(state);

/**
 * A standard with its specifications rolled up into it. Met: all of it that applies is met by evidence; documented:
 * some of it rests on documents. Where none of them applies it stands for itself: decisions on addressable
 * specifications take no standard away (164.306(c)).
 */
export function rolledUp(own: ControlState, below: readonly ControlState[]): ControlState {
  if (below.length === 0) return own;
  const specifications = below.map(({ control, state }) => ({ id: control.id, state }));
  const parts = partsOf(own, below);
  const worst = parts.reduce((one, other) => (rank(other.state) < rank(one.state) ? other : one));
  const because = worst === own ? own.because : `${worst.control.title}: ${worst.because}`;
  return { ...own, state: worst.state, because, specifications };
}

/** One that proves nothing itself, and whose policies are in force, consists of its specifications alone. */
function partsOf(own: ControlState, below: readonly ControlState[]): readonly [ControlState, ...ControlState[]] {
  const [first, ...rest] = below.filter(({ state }) => state !== 'not-applicable');
  if (own.state === 'not-applicable' || first === undefined) return [own];
  const isBare = own.control.checks.length === 0 && own.state === 'documented';
  return isBare ? [first, ...rest] : [own, first, ...rest];
}
