import type { Answer, Asked } from './instance.ts';

export interface CanarySearch extends Asked {
  /** What the answer must be; else the canary was not really looked for. */
  readonly status: number;
}

const form = { 'content-type': 'application/x-www-form-urlencoded' };
const jsonPatch = { 'content-type': 'application/json-patch+json' };
const base = '/fhir/R4';

/** Parameters of Patient that name somebody, and the canary that each finds. */
const identifying: readonly (readonly [parameter: string, where: string])[] = [
  ['name', 'Patient.name[0].family'],
  ['family', 'Patient.name[0].family'],
  ['family:exact', 'Patient.name[0].family'],
  ['name:contains', 'Patient.name[0].family'],
  ['given', 'Patient.name[0].given[0]'],
  ['phonetic', 'Patient.name[0].given[0]'],
  ['address', 'Patient.address[0].line[0]'],
  ['address-city', 'Patient.address[0].city'],
  ['address-postalcode', 'Patient.address[0].postalCode'],
  ['telecom', 'Patient.telecom[0].value'],
  ['phone', 'Patient.telecom[0].value'],
  ['email', 'Patient.telecom[2].value'],
  ['identifier', 'Patient.identifier[0].value'],
  ['birthdate', 'Patient.birthDate'],
];

const patch = (path: string, value: string): string => JSON.stringify([{ op: 'replace', path, value }]);

function writes(name: string, mrn: string, place: string): CanarySearch[] {
  const coded = encodeURIComponent(mrn);
  const resource = { resourceType: 'Basic', code: { text: 'x' } };
  const condition = `identifier=${coded}`;
  const entry = [
    { resource, request: { method: 'POST', url: 'Basic', ifNoneExist: condition } },
    { resource, request: { method: 'PUT', url: `Basic?author:Practitioner.name=${encodeURIComponent(name)}` } },
    { request: { method: 'DELETE', url: `Basic?identifier=${coded}` } },
    { request: { method: 'GET', url: `Patient?name=${encodeURIComponent(name)}` } },
  ];
  return [
    { method: 'POST', path: `${base}/Basic`, headers: { 'if-none-exist': condition }, body: resource, status: 201 },
    { method: 'PUT', path: `${base}/Basic?${condition}`, body: resource, status: 201 },
    { method: 'DELETE', path: `${base}/Basic?${condition}`, status: 204 },
    {
      method: 'PATCH',
      path: `${base}/Patient?identifier=${coded}&family=${encodeURIComponent(name)}x`,
      headers: jsonPatch,
      body: patch('/name/0/family', name),
      status: 404,
    },
    { method: 'PATCH', path: `${base}/${place}`, headers: jsonPatch, body: patch(`/${name}`, mrn), status: 422 },
    {
      method: 'PATCH',
      path: `${base}/${place}`,
      headers: jsonPatch,
      body: JSON.stringify([{ op: 'test', path: '/name/0/family', value: `${name}x` }]),
      status: 422,
    },
    { method: 'PATCH', path: `${base}/${place}`, headers: jsonPatch, body: patch('/birthDate', name), status: 422 },
    { method: 'POST', path: base, body: { resourceType: 'Bundle', type: 'batch', entry }, status: 200 },
  ];
}

/** Requests that are served and hold canaries in the URL, a form, a header or a body; none of them changes a person. */
export function canarySearches(plantedAt: (where: string) => string, place: string): CanarySearch[] {
  const [name, mrn] = [plantedAt('Patient.name[0].family'), plantedAt('Patient.identifier[1].value')];
  const coded = encodeURIComponent(name);
  const plain = identifying.flatMap(([parameter, where]): CanarySearch[] => {
    const query = `${parameter}=${encodeURIComponent(plantedAt(where).replace(/[\\,|$]/g, '\\$&'))}`;
    return [
      { path: `${base}/Patient?${query}&_count=1&_total=accurate`, status: 200 },
      { method: 'POST', path: `${base}/Patient/_search`, headers: form, body: `${query}&_sort=family`, status: 200 },
      { path: `${base}/Observation?patient.${query.replace(/:exact|:contains/, '')}&_count=1`, status: 200 },
    ];
  });
  const gets = [
    `Patient?_filter=${encodeURIComponent(`family eq "${name}"`)}`,
    `Patient?_sort=family,-birthdate,telecom&_count=1`,
    `Encounter?_has:Observation:encounter:patient.family=${coded}`,
    `Observation?subject:identifier=${encodeURIComponent(mrn)}`,
    `Patient?family=${coded}&_include=*&_revinclude=*&_format=xml`,
    `?_type=Patient,Person&_id=${coded}`,
    `${place}/Observation?performer:Practitioner.name=${coded}`,
    `${place}/Observation?_content=${coded}`,
    `Patient?family=${coded}&_elements=gender`,
    `Patient?family=${coded}&_summary=count`,
  ];
  return [...plain, ...gets.map((path) => ({ path: `${base}/${path}`, status: 200 })), ...writes(name, mrn, place)];
}

/** Of an answer what is not a resource: headers, links, addresses, outcomes. */
export function aroundResources({ headers, text, json }: Answer): string {
  const told = text.startsWith('<')
    ? text.replace(/<resource>.*?<\/resource>/gs, '')
    : JSON.stringify(json ?? text, past);
  return JSON.stringify([told, headers]);
}

/** Drops the resources of a Bundle's entries, but outcomes. */
// biome-ignore lint/suspicious/noExplicitAny: values of every shape
const past = (key: string, value: any): unknown =>
  key === 'resource' && value.resourceType !== 'OperationOutcome' ? undefined : value;
