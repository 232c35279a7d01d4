import type { Content, Control, ProductLine } from '../content/types.ts';
import type { CheckState, ControlState, Posture } from '../posture/types.ts';
import type { Customer, Inheritance, InheritedControl, Inheriting, LineShare, SeenCheck } from './types.ts';

/** Who carries a control on one line: without a service that it hangs on, the customer does. */
function shareOf({ carried }: Control, line: ProductLine, { services }: Customer): LineShare {
  const { by, with: wanted = [], customer } = carried[line];
  const lacking = wanted.filter((service) => !services.includes(service));
  const left = customer === undefined ? {} : { customer };
  if (by === 'customer' || by === 'not-applicable' || lacking.length === 0) return { line, by, ...left };
  const words = `The platform carries this only with these services: ${lacking.join(', ')}. Without them it is yours.`;
  return { line, by: 'customer', customer: customer === undefined ? words : `${words} ${customer}` };
}

/** Of several lines together: whatever one of them leaves to the customer is left to the customer. */
function inheritingOf(shares: readonly LineShare[]): Inheriting {
  const by = new Set(shares.map((share) => share.by).filter((one) => one !== 'not-applicable'));
  if (by.size === 0) return 'not-applicable';
  if (by.size > 1 || by.has('shared')) return 'shared';
  return by.has('platform') ? 'inherited' : 'yours';
}

const seen = ({ check, title, state, evidence: placed }: CheckState): SeenCheck => {
  if (placed === undefined) return { check, title, state };
  const { id, at, examined } = placed.evidence;
  return { check, title, state, evidence: { id, received_at: at, examined } };
};

const words: Readonly<Record<ControlState['state'], string>> = {
  met: 'Every check of it has fresh evidence that it is.',
  unmet: 'At least one check found that it is not, or a decision that it needs was not made.',
  unknown: 'There is no fresh evidence of it.',
  documented: 'It rests on approved and published policy of the platform.',
  undocumented: 'It would rest on policy, and that policy is not in force.',
  'not-applicable': 'It does not apply to the organization that runs the platform.',
};

/** Its checks and those of its specifications, whose states are rolled up into its own. */
function platformOf(one: ControlState, posture: Posture): NonNullable<InheritedControl['platform']> {
  const below = posture.controls.filter(({ control }) => control.standard === one.control.id);
  const checks = new Map([one, ...below].flatMap((each) => each.checks).map((check) => [check.check, seen(check)]));
  const { state } = one;
  const policies = [...new Set(one.control.policies.map((section) => section.split('#')[0] ?? ''))];
  const holds = state === 'met' || state === 'documented';
  return { state, holds, because: words[state], checks: [...checks.values()], policies };
}

function controlOf(
  one: ControlState,
  posture: Posture,
  customer: Customer,
  render: (text: string) => string,
): InheritedControl {
  const { id, citation, title, family, kind, level, requirement, approach } = one.control;
  const lines = customer.lines.map((line) => shareOf(one.control, line, customer));
  const inheriting = inheritingOf(lines);
  const carries = inheriting === 'inherited' || inheriting === 'shared';
  return {
    ...{ id, citation, title, family, kind, level, requirement: requirement.trim(), approach: render(approach).trim() },
    ...{ inheriting, lines },
    yours: [...new Set(lines.flatMap((share) => share.customer ?? []))],
    ...(carries ? { platform: platformOf(one, posture) } : {}),
  };
}

/** What a customer inherits, computed from what it buys and how the platform stands: nothing else enters. */
export function inheritanceOf(
  { organization }: Pick<Content, 'organization'>,
  posture: Posture,
  customer: Customer,
  render: (text: string) => string,
): Inheritance {
  const controls = posture.controls.map((one) => controlOf(one, posture, customer, render));
  const counts = { inherited: 0, shared: 0, yours: 0, 'not-applicable': 0 };
  const platform = { holds: 0, fails: 0, unknown: 0 };
  for (const { inheriting, platform: part } of controls) {
    counts[inheriting] += 1;
    if (part === undefined || part.state === 'not-applicable') continue;
    platform[part.holds ? 'holds' : part.state === 'unknown' ? 'unknown' : 'fails'] += 1;
  }
  return { at: posture.at, organization: organization.name, customer, controls, counts, platform };
}
