import { type Operation, operation } from '@safeguard/http';
import type { z } from 'zod';
import * as schemas from './answer-schemas.ts';
import type { Viewer, ViewersPort } from './answers.ts';
import { isoOr } from './fields.ts';
import { type NameOf, namesOf } from './names.ts';
import type { AccessApiDeps } from './ports.ts';
import { noSuch } from './reach.ts';

type Deps = Pick<AccessApiDeps, 'people'>;

const viewerView = (of: Viewer, nameOf: NameOf): z.output<typeof schemas.viewers>['items'][number] => ({
  kind: of.kind,
  id: of.id,
  name: of.name ?? nameOf(of.id).name,
  role: of.role ?? null,
  rule: of.rule,
  grant: of.grant ?? null,
  until: isoOr(of.until),
  view: of.view,
  letters: of.letters,
  when: [...(of.when ?? [])],
});

export const viewerOperations = (deps: Deps, viewers: ViewersPort): Operation[] => [
  operation({
    method: 'GET',
    path: '/access/patients/:id/viewers',
    params: { id: 'Patient' },
    action: 'who-can-see',
    type: 'Patient',
    scope: 'safeguard/access',
    summary: 'Who can see something of this patient at this moment, and why: the complete list',
    status: 200,
    answer: schemas.viewers,
    async handle({ principal: { tenant }, params: { id = '' } }) {
      const list = await viewers(tenant, id);
      if (list === undefined) throw noSuch();
      const found = [...list];
      const accounts = found.filter(({ kind }) => kind === 'account').map((one) => one.id);
      const nameOf = await namesOf(deps, tenant, accounts);
      return { status: 200, body: { items: found.map((one) => viewerView(one, nameOf)) }, patients: [id] };
    },
  }),
];
