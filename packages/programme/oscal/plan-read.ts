import { housePackages } from '../content/packages.ts';
import { productLines } from '../content/types.ts';
import { carriedLines } from './carried.ts';
import { controlIdAt } from './catalog-read.ts';
import { setAt } from './component-read.ts';
import { at, type Cursor, isThere, items, stringAt, textAt, unfit, valueAt } from './cursor.ts';
import { readHead, rootOf } from './head.ts';
import type { SystemRole } from './input.ts';
import { plainParagraphs, plainTemplate } from './markup.ts';
import { planFacts, running, sources, systemComponent, systemFacts, writePlan } from './plan.ts';
import type { PlanControl, PlanModel, PlanSetting } from './plan-model.ts';
import { lossless } from './same.ts';
import { decisionOf, waiverOf } from './standing.ts';

/** A role as a user of the system. */
export function readRole(user: Cursor): SystemRole {
  const [id] = items(user, 'role-ids');
  const [privilege] = items(user, 'authorized-privileges');
  if (id === undefined || privilege === undefined) throw unfit(user, 'a user with a role and its privileges');
  return {
    id: stringAt(id),
    title: textAt(user, 'title'),
    does: items(privilege, 'functions-performed').map((one) => valueAt(one)),
  };
}

function part(organization: string, of: Cursor): PlanControl['does'][number] {
  const uuid = stringAt(of, 'component-uuid');
  const name = [...housePackages].find((one) => systemComponent(organization, one) === uuid);
  if (name === undefined) throw unfit(at(of, 'component-uuid'), 'the UUID of a component of this plan');
  return { package: name, texts: plainParagraphs(stringAt(of, 'description')) };
}

const control =
  (organization: string) =>
  (of: Cursor): PlanControl => {
    const id = controlIdAt(of, 'control-id');
    const [asWhole, ...parts] = items(of, 'statements').flatMap((one) => items(one, 'by-components'));
    if (asWhole === undefined) throw unfit(at(of, 'statements'), 'a statement with a component');
    const { state, policies, checks, decision, waiver } = planFacts.read(of);
    const shared = at(asWhole, 'export');
    return {
      ...{ id, ...state, policies, checks },
      approach: plainTemplate(stringAt(asWhole, 'description')),
      does: parts.map((one) => part(organization, one)),
      carried: isThere(shared) ? carriedLines.read(shared) : [],
      ...decisionOf(id, decision),
      ...waiverOf(id, waiver),
    };
  };

function settings(of: Cursor): PlanSetting[] {
  const values = new Map(running.read(of).map((one) => [one.of, one.value]));
  return sources.read(of).map(({ of: parameter, value }) => {
    const is = values.get(parameter);
    return {
      ...{ parameter, source: value === 'approved' ? 'approved' : 'file' },
      ...(is === undefined ? {} : { running: is }),
    };
  });
}

/** What a security plan was made of. Fault `invalid`, with a JSON pointer, as `readCatalog`. */
export const readSystemSecurityPlan: (document: unknown) => PlanModel = lossless((document) => {
  const root = rootOf(document, 'system-security-plan');
  const head = readHead(root);
  const system = at(root, 'system-characteristics');
  const implementation = at(root, 'control-implementation');
  const { lines, ...facts } = systemFacts.read(system);
  return {
    head,
    ...facts,
    lines: productLines.filter((line) => lines.includes(line)),
    roles: items(root, 'system-implementation', 'users').map(readRole),
    values: Object.fromEntries(setAt(implementation)),
    settings: settings(system),
    controls: items(implementation, 'implemented-requirements').map(control(head.organization.name)),
  };
}, writePlan);
