import type { Asked } from '../harness/instance.ts';

/** Requests that end in errors of every sort, with a name and a number in the body, the URL and the headers. */
export function mistaken(name: string, ssn: string, place: string): Asked[] {
  const url = encodeURIComponent(ssn);
  const patient = { resourceType: 'Patient', name: [{ family: name }], identifier: [{ value: ssn }] };
  const post = (body: unknown, more: Partial<Asked> = {}): Asked => ({
    method: 'POST',
    path: '/fhir/R4/Patient',
    body,
    ...more,
  });
  const bundle = (entry: object): Asked =>
    post({ resourceType: 'Bundle', type: 'transaction', entry: [entry] }, { path: '/fhir/R4' });
  return [
    post(JSON.stringify(patient).slice(0, -3)),
    post(`"${name}"`),
    post({ ...patient, birthDate: name }),
    post({ ...patient, gender: name }),
    post({ ...patient, active: ssn }),
    post({ ...patient, resourceType: name }),
    post({ ...patient, generalPractitioner: [{ reference: `Practitioner?identifier=${ssn}` }] }),
    post({ ...patient, text: { status: 'generated', div: `<div>${name}<script>${ssn}</script></div>` } }),
    post(patient, { headers: { 'content-type': `text/${name}` } }),
    post(patient, { headers: { 'if-none-exist': `identifier=${ssn}&birthdate=${name}` } }),
    post(patient, { headers: { 'if-none-exist': `name:${name}=${name}` } }),
    post(patient, { path: `/fhir/R4/${name}` }),
    { method: 'PUT', path: `/fhir/R4/Patient/${name}`, body: { ...patient, id: name } },
    { method: 'PUT', path: `/fhir/R4/${place}`, body: patient, headers: { 'if-match': name } },
    { path: `/fhir/R4/Patient/${url}` },
    { path: `/fhir/R4/Patient/${url}/_history/${name}` },
    { path: `/fhir/R4/Patient?birthdate=${name}` },
    { path: `/fhir/R4/Patient?_sort=${name}` },
    { path: `/fhir/R4/Patient?_filter=${name}%20eq%20${url}` },
    { path: `/fhir/R4/Patient?_include=${name}:${name}` },
    { path: `/fhir/R4/Patient?name:${name}=${url}` },
    { path: `/fhir/R4/Observation?subject:${name}.name=${url}` },
    { path: `/fhir/R4/Patient?_has:${name}:${name}:${name}=${url}` },
    { path: `/fhir/R4/Patient/${url}/${name}` },
    { path: `/fhir/R4/${place}/$everything?start=${name}` },
    { path: `/fhir/R4/Observation/$lastn?patient=${url}&code=${name}` },
    { path: `/fhir/R4/${place}/_history?_since=${name}` },
    { path: `/fhir/R4/Patient?${name}=${url}` },
    { path: `/fhir/R4/Patient?identifier=a|${url}|c` },
    { path: `/fhir/R4/Patient?_lastUpdated=${url}&_id=${name}` },
    { path: `/fhir/R4/Patient?_page=${name}` },
    { path: `/fhir/R4/Patient?_format=${name}` },
    { path: `/${name}/${url}` },
    { path: `/fhir/R4/Patient/${url}%`, headers: { accept: name } },
    { path: `/fhir/R4/Patient`, headers: { authorization: `Bearer ${name}` } },
    { path: `/fhir/R4/Patient/x`, headers: { 'x-correlation-id': name, 'x-request-id': name, 'user-agent': name } },
    { method: 'TRACE', path: `/fhir/R4/Patient/${url}` },
    { method: 'POST', path: '/oauth2/token', body: `grant_type=${name}&client_id=${name}&client_secret=${url}` },
    { path: `/healthz?${name}=${url}` },
    bundle({ resource: patient, request: { method: 'POST', url: `Patient?identifier=${ssn}` } }),
    bundle({ fullUrl: ssn, resource: { ...patient, gender: name }, request: { method: 'POST', url: 'Patient' } }),
    bundle({ resource: patient, request: { method: 'POST', url: 'Patient', ifNoneExist: `name:${name}=${name}` } }),
    bundle({
      resource: { ...patient, generalPractitioner: [{ reference: `Practitioner?identifier=${ssn}` }] },
      request: { method: 'POST', url: 'Patient' },
    }),
    bundle({ request: { method: 'DELETE', url: `Patient/${ssn}` } }),
    bundle({ request: { method: name, url: name } }),
  ];
}
