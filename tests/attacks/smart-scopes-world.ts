import type { Principal } from '@safeguard/http';
import type { Sent } from '../../packages/records/test/served.ts';

/** The world of smart-scopes.test.ts: who asks, what they see of what there is, and all that they ask. */

interface Resource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

/** A resource, and whether it carries the tag and the category that scopes ask for. */
export interface Thing {
  readonly resource: Resource;
  readonly open: boolean;
  readonly lab: boolean;
  readonly of: 'mine' | 'other' | 'nobody';
}

let uuids = 0;
const uuid = (): string => `00000000-0000-4000-8000-${String(++uuids).padStart(12, '0')}`;
export const ids = {
  ...{ mine: uuid(), other: uuid(), doctor: uuid(), hiddenDoctor: uuid(), visit: uuid(), hiddenVisit: uuid() },
  ...{ pulse: uuid(), sugar: uuid(), hiv: uuid(), mood: uuid(), foreign: uuid(), list: uuid(), hiddenList: uuid() },
  ...{ never: uuid(), gone: uuid() },
};

const ref = (type: string, id: string): object => ({ reference: `${type}/${id}` });
const meta = (open: boolean): object => (open ? { meta: { tag: [{ system: 'http://t', code: 'open' }] } } : {});

function thing(resource: Resource, of: Thing['of'], open: boolean, lab = false): Thing {
  return { resource: { ...resource, ...meta(open) }, of, open, lab };
}

function observation(id: string, code: string, of: 'mine' | 'other', more: object, open: boolean, lab: boolean): Thing {
  const category = { coding: [{ system: 'http://c', code: lab ? 'laboratory' : 'social-history' }] };
  const resource: Resource = {
    resourceType: 'Observation',
    id,
    status: 'final',
    category: [category],
    code: { coding: [{ system: 'http://s', code }] },
    subject: ref('Patient', ids[of]),
    identifier: [{ system: 'http://i', value: code }],
    ...more,
  };
  return thing(resource, of, open, lab);
}

/** The hidden have much to do with the visible. */
export const things: readonly Thing[] = [
  thing({ resourceType: 'Practitioner', id: ids.doctor, name: [{ family: 'Doe' }] }, 'nobody', true),
  thing({ resourceType: 'Practitioner', id: ids.hiddenDoctor, name: [{ family: 'Hidden' }] }, 'nobody', false),
  thing(
    {
      resourceType: 'Patient',
      id: ids.mine,
      name: [{ family: 'Mine', given: ['Ann'] }],
      gender: 'female',
      birthDate: '1980-01-01',
    },
    'mine',
    true,
  ),
  thing(
    {
      resourceType: 'Patient',
      id: ids.other,
      name: [{ family: 'Other' }],
      gender: 'male',
      identifier: [{ system: 'http://i', value: 'secret' }],
      link: [{ other: ref('Patient', ids.mine), type: 'seealso' }],
    },
    'other',
    false,
  ),
  thing(
    {
      resourceType: 'Encounter',
      id: ids.visit,
      status: 'finished',
      class: { code: 'AMB' },
      subject: ref('Patient', ids.mine),
    },
    'mine',
    true,
  ),
  thing(
    {
      resourceType: 'Encounter',
      id: ids.hiddenVisit,
      status: 'planned',
      class: { code: 'IMP' },
      subject: ref('Patient', ids.mine),
      partOf: ref('Encounter', ids.visit),
    },
    'mine',
    false,
  ),
  observation(
    ids.pulse,
    'pulse',
    'mine',
    {
      effectiveDateTime: '2024-01-01',
      encounter: ref('Encounter', ids.visit),
      performer: [ref('Practitioner', ids.doctor)],
      hasMember: [ref('Observation', ids.hiv), ref('Observation', ids.mood)],
      valueQuantity: { value: 60, unit: '/min' },
    },
    true,
    true,
  ),
  observation(ids.sugar, 'sugar', 'mine', { effectiveDateTime: '2024-02-01' }, true, true),
  observation(
    ids.hiv,
    'hiv',
    'mine',
    {
      effectiveDateTime: '2025-01-01',
      encounter: ref('Encounter', ids.visit),
      performer: [ref('Practitioner', ids.doctor), ref('Practitioner', ids.hiddenDoctor)],
      hasMember: [ref('Observation', ids.pulse)],
      derivedFrom: [ref('Observation', ids.sugar)],
    },
    false,
    false,
  ),
  observation(ids.mood, 'mood', 'mine', { effectiveDateTime: '2025-02-01' }, false, false),
  observation(ids.foreign, 'pulse', 'other', { performer: [ref('Practitioner', ids.doctor)] }, false, false),
  observation(ids.gone, 'gone', 'mine', { performer: [ref('Practitioner', ids.doctor)] }, false, false),
  thing(
    {
      resourceType: 'List',
      id: ids.list,
      status: 'current',
      mode: 'working',
      subject: ref('Patient', ids.mine),
      entry: [{ item: ref('Observation', ids.pulse) }, { item: ref('Observation', ids.hiv) }],
    },
    'mine',
    true,
  ),
  thing(
    {
      resourceType: 'List',
      id: ids.hiddenList,
      status: 'retired',
      mode: 'working',
      subject: ref('Patient', ids.mine),
      entry: [{ item: ref('Observation', ids.pulse) }],
    },
    'mine',
    false,
  ),
];

const sure = { assurance: { level: 2, at: 0, methods: ['pwd', 'otp'] } } as const;
const lab = 'category=http://c|laboratory';

/** Callers, and by hand what each of them sees. */
export const callers: Readonly<
  Record<string, { readonly as: Partial<Principal>; readonly sees: (one: Thing) => boolean }>
> = {
  'a client whose every scope asks for a tag': {
    as: { scopes: ['system/*.cruds?_tag=http://t|open'] },
    sees: ({ open }) => open,
  },
  'a client that sees laboratory results alone': {
    as: {
      scopes: [
        `system/Observation.cruds?${lab}`,
        ...['Patient', 'Encounter', 'Practitioner', 'List'].map((type) => `system/${type}.rs`),
      ],
    },
    sees: ({ resource, lab: isLab }) => resource.resourceType !== 'Observation' || isLab,
  },
  'a person in the context of a patient': {
    as: {
      kind: 'user',
      ...sure,
      patient: ids.mine,
      within: [ids.mine],
      scopes: [`patient/Observation.cruds?${lab}`, 'patient/*.rs?_tag=http://t|open', 'user/Patient.rs?gender=female'],
    },
    sees: ({ resource, of, open, lab: isLab }) =>
      of !== 'other' && (open || (resource.resourceType === 'Observation' && isLab)),
  },
};

const form = 'application/x-www-form-urlencoded';
const jsonPatch = { 'content-type': 'application/json-patch+json' };
export type Question = readonly [method: string, path: string, sent?: Sent];
export const get = (path: string): Question => ['GET', path];
const entry = (method: string, url: string, resource?: object, more: object = {}): object => ({
  ...(resource === undefined ? {} : { resource }),
  request: { method, url, ...more },
});
const bundle = (type: string, ...entries: object[]): Sent => ({
  body: { resourceType: 'Bundle', type, entry: entries },
});
/** What the callers may all write. */
const fresh = (code: string, more: object = {}): object => {
  const { id: _id, ...rest } = observation(ids.never, code, 'mine', {}, true, true).resource;
  return { ...rest, ...more };
};
const patchStatus = JSON.stringify([{ op: 'test', path: '/status', value: 'final' }]);
const metaParameters = {
  resourceType: 'Parameters',
  parameter: [{ name: 'meta', valueMeta: { tag: [{ system: 'http://t', code: 'open' }] } }],
};

const hiddenOnes: readonly [type: string, id: string][] = [
  ['Observation', ids.hiv],
  ['Observation', ids.mood],
  ['Observation', ids.gone],
  ['Observation', ids.foreign],
  ['Patient', ids.other],
  ['Encounter', ids.hiddenVisit],
  ['Practitioner', ids.hiddenDoctor],
  ['List', ids.hiddenList],
];

export const reads: readonly Question[] = [
  ...hiddenOnes.flatMap(([type, id]): Question[] => [
    get(`/${type}/${id}`),
    ['HEAD', `/${type}/${id}`],
    ['GET', `/${type}/${id}`, { headers: { 'if-none-match': 'W/"1"' } }],
    get(`/${type}/${id}/_history/1`),
    get(`/${type}/${id}/_history`),
    get(`/${type}?_id=${id}&_total=accurate`),
    get(`/${type}/${id}/$meta`),
    get(`/${type}/${id}/$validate`),
  ]),
  ...['Observation', 'Patient', 'Encounter', 'Practitioner', 'List'].flatMap((type) => [
    get(`/${type}?_total=accurate`),
    get(`/${type}?_summary=count`),
    get(`/${type}?_sort=-_lastUpdated,_id&_count=50&_total=estimate`),
    get(`/${type}?_count=50&_include=*&_revinclude=*`),
    get(`/${type}?_include:iterate=*&_count=50`),
    get(`/${type}/_history`),
    get(`/${type}/$meta`),
  ]),
  ...['_sort=date', '_sort=-date', '_sort=code', '_sort=-value-quantity', '_sort=-date&_count=1'].map((query) =>
    get(`/Observation?${query}`),
  ),
  ...[
    ...['code=hiv', 'code:not=pulse', 'code:text=x', 'identifier=http://i|hiv', 'date=ge2025', 'date:missing=true'],
    ...['category=http://c|social-history', '_tag:missing=true', '_tag:not=http://t|open', `subject=${ids.other}`],
    ...['has-member:Observation.code=hiv', 'has-member:Observation.identifier=hiv', 'has-member.code:not=hiv'],
    ...['has-member:Observation.performer:Practitioner.name=Hidden', '_has:Observation:has-member:code=hiv'],
    ...['_has:Observation:derived-from:_tag:missing=true', '_has:List:item:status=retired', `_list=${ids.hiddenList}`],
    ...['_filter=has-member.code eq hiv', '_filter=not (code eq pulse)', `encounter.part-of=${ids.visit}`],
    ...['subject:Patient.name=Other', 'subject:Patient._has:Observation:patient:code=hiv', '_revinclude=List:item'],
    ...['_include=Observation:has-member', '_revinclude=Observation:has-member', '_revinclude:iterate=Observation:*'],
  ].map((query) => get(`/Observation?${query}&_total=accurate`)),
  ...[
    ...['_has:Observation:performer:code=hiv', '_has:Observation:performer:identifier=http://i|hiv', 'name=Hidden'],
    ...['_revinclude=Observation:performer', `_has:Observation:performer:_id=${ids.gone}`],
  ].map((query) => get(`/Practitioner?${query}&_total=accurate`)),
  ...[
    ...[
      'name=Other',
      'identifier=http://i|secret',
      'gender=male',
      '_has:Observation:patient:code=hiv',
      'name:missing=true',
    ],
    ...[
      '_has:Patient:link:name=Other',
      '_has:Encounter:subject:status=planned',
      '_revinclude=Patient:link',
      '_sort=-name',
    ],
  ].map((query) => get(`/Patient?${query}&_total=accurate`)),
  get(`/Encounter?_has:Observation:encounter:code=hiv`),
  get(`/Encounter?_has:Encounter:part-of:status=planned`),
  get(`/Patient/${ids.mine}/Observation?_total=accurate`),
  get(`/Patient/${ids.mine}/*?_total=accurate`),
  get(`/Patient/${ids.other}/Observation?_total=accurate`),
  get(`/Patient/${ids.mine}/$everything`),
  get(`/Patient/${ids.mine}/$everything?_count=2`),
  get(`/Patient/${ids.mine}/$everything?start=2025`),
  get(`/Patient/${ids.other}/$everything`),
  get(`/Observation/$lastn?patient=${ids.mine}&category=http://c|laboratory,http://c|social-history&max=5`),
  get(`/Observation/$lastn?patient=${ids.mine}&code:text=x`),
  get('?_total=accurate&_count=100'),
  get('?_type=Observation,List&_total=accurate'),
  get('/_history?_count=100'),
  get('/$meta'),
  ['POST', '', bundle('batch', ...hiddenOnes.flatMap(([type, id]) => [entry('GET', `${type}/${id}`)]))],
  [
    'POST',
    '',
    bundle('batch', entry('GET', 'Observation?code=hiv&_total=accurate'), entry('GET', 'Observation/_history')),
  ],
];

export const writes: readonly Question[] = [
  ...hiddenOnes.flatMap(([type, id]): Question[] => [
    ['PUT', `/${type}/${id}`, { body: { ...fresh('pulse'), resourceType: 'Observation', id } }],
    ['PUT', `/${type}/${id}`, { body: { ...fresh('pulse'), id }, headers: { 'if-match': 'W/"7"' } }],
    ['PATCH', `/${type}/${id}`, { body: patchStatus, headers: jsonPatch }],
    ['DELETE', `/${type}/${id}`],
    ['DELETE', `/${type}/${id}`, { headers: { 'if-match': 'W/"7"' } }],
    ['DELETE', `/${type}/${id}/_history`, { as: { permissions: ['history-delete'] } }],
    ['DELETE', `/${type}/${id}/_history/1`, { as: { permissions: ['history-delete'] } }],
    ['POST', `/${type}/${id}/$meta-add`, { body: metaParameters }],
    ['POST', '', bundle('transaction', entry('DELETE', `${type}/${id}`))],
    [
      'POST',
      '',
      bundle('transaction', entry('PUT', `${type}/${id}`, { ...fresh('pulse'), resourceType: 'Observation', id })),
    ],
  ]),
  ...['code=hiv', 'identifier=http://i|hiv', `_id=${ids.hiv}`, 'has-member.code=hiv', 'code:not=pulse'].flatMap(
    (condition, index): Question[] => [
      ['POST', '/Observation', { body: fresh(`made-${index}`), headers: { 'if-none-exist': condition } }],
      ['PUT', `/Observation?${condition}`, { body: fresh(`put-${index}`) }],
      ['PATCH', `/Observation?${condition}`, { body: patchStatus, headers: jsonPatch }],
      ['DELETE', `/Observation?${condition}&_count=1&status=preliminary`],
      [
        'POST',
        '',
        bundle('transaction', entry('POST', 'Observation', fresh(`t-${index}`), { ifNoneExist: condition })),
      ],
      [
        'POST',
        '',
        bundle(
          'transaction',
          entry('POST', 'Observation', fresh(`r-${index}`, { hasMember: [{ reference: `Observation?${condition}` }] })),
        ),
      ],
    ],
  ),
  ['POST', `/Observation/_search`, { body: 'code=hiv&_total=accurate', headers: { 'content-type': form } }],
];
