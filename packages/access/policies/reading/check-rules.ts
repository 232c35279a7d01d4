import type { View } from '@safeguard/http';
import type { Policy, Rule } from '../../policy/types.ts';
import type { PolicyVocabulary } from '../vocabulary.ts';
import { checkElements } from './check-elements.ts';
import { checkWhere } from './check-where.ts';
import type { Path, Report } from './issues.ts';

interface Around {
  readonly policy: Policy;
  readonly vocabulary: PolicyVocabulary;
  readonly report: Report;
  /** Asked once for the same type and query, however many rules have it. */
  readonly judge: (type: string, query: string, view: View) => true | string;
}

/** Questions to the judge: each takes microseconds, and a policy may come with millions of them. */
const questions_most = 20_000;

const prefix = 'category:';

/** What a word of `types` stands for; undefined: nothing that there is. */
function typesBehind(text: string, { policy: { categories }, vocabulary }: Around): Iterable<string> | undefined {
  if (text === '*') return vocabulary.types;
  if (!text.startsWith(prefix)) return vocabulary.types.has(text) ? [text] : undefined;
  const name = text.slice(prefix.length);
  return Object.hasOwn(categories, name) ? categories[name]?.types : undefined;
}

/** The types that a rule is about. */
function typesOf({ types }: Rule, around: Around, path: Path): ReadonlySet<string> {
  const meant = types.map((text, index) => {
    const found = typesBehind(text, around);
    if (found === undefined) around.report(text.startsWith(prefix) ? 'category' : 'type', [...path, 'types', index]);
    return [...(found ?? [])];
  });
  return new Set(meant.flat());
}

function checkQuery(rule: Rule, types: ReadonlySet<string>, { judge, report }: Around, path: Path): void {
  const query = rule.where?.query;
  if (query === undefined) return;
  const names = query.split('&').map((each) => each.split('=')[0] ?? '');
  if (rule.effect === 'forbid' && names.some((name) => name.includes('.') || name.startsWith('_has'))) {
    report('forbid-where', [...path, 'where', 'query']);
  }
  const answers = new Set([...types].map((type) => judge(type, query, rule.view ?? 'full')));
  for (const answer of answers) if (answer !== true) report('query', [...path, 'where', 'query'], answer);
}

const ofPermits = ['view', 'hide', 'readonly', 'opens'] as const;

/** What goes together in one rule. */
function checkShape(rule: Rule, report: Report, path: Path): void {
  if (Object.keys(rule.who).length === 0) report('nothing', [...path, 'who']);
  if (rule.effect === 'forbid') {
    for (const field of ofPermits) if (rule[field] !== undefined) report('permit-only', [...path, field]);
    if (rule.where?.compartment === 'organization') report('forbid-where', [...path, 'where', 'compartment']);
  }
  const writes = rule.interactions.some((each) => each !== 'read' && each !== 'search');
  if (writes && rule.view !== undefined && rule.view !== 'full') report('narrowed', [...path, 'view']);
  if (new Set(rule.interactions).size < rule.interactions.length) report('twice', [...path, 'interactions']);
}

function checkNames({ who, opens = [], effect }: Rule, { policy, report }: Around, path: Path): void {
  for (const [index, role] of (who.roles ?? []).entries()) {
    if (!Object.hasOwn(policy.roles, role)) report('role', [...path, 'who', 'roles', index]);
    if (role === 'operator' && effect === 'permit') report('operators', [...path, 'who', 'roles', index]);
  }
  for (const [index, name] of opens.entries()) {
    if (!Object.hasOwn(policy.sensitive, name)) report('sensitive', [...path, 'opens', index]);
  }
}

function memo({ isServedQuery }: PolicyVocabulary): Around['judge'] {
  const known = new Map<string, true | string>();
  return (type, query, view) => {
    const key = `${view} ${type}?${query}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    if (known.size >= questions_most) return 'the policy has too many different queries';
    const answer = isServedQuery(type, query, { view });
    known.set(key, answer);
    return answer;
  };
}

/** Each rule by itself, and that no two have one id. */
export function checkRules(policy: Policy, vocabulary: PolicyVocabulary, report: Report): void {
  const around: Around = { policy, vocabulary, report, judge: memo(vocabulary) };
  const seen = new Set<string>();
  for (const [index, rule] of policy.rules.entries()) {
    const path = ['rules', index];
    if (seen.has(rule.id)) report('rule-twice', [...path, 'id']);
    seen.add(rule.id);
    checkShape(rule, report, path);
    checkNames(rule, around, path);
    if (rule.where !== undefined) checkWhere(rule.where, [...path, 'where'], report);
    const types = typesOf(rule, around, path);
    checkQuery(rule, types, around, path);
    checkElements(rule, types, path, report);
  }
}
