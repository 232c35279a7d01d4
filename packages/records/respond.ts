import { STATUS_CODES } from 'node:http';

/** A weak ETag of a version, as FHIR R4 3.1.0.1.3 spells it. */
export const etag = (version: number): string => `W/"${version}"`;

export const reasonPhrase = (status: number): string => STATUS_CODES[status] ?? '';
