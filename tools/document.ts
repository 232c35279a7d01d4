import { accessOperations } from '@safeguard/access';
import { accountingOperations } from '@safeguard/audit';
import { documentOf, onlyDescribed } from '@safeguard/http';
import { identityOperations, launchDescription } from '@safeguard/identity';
import { inheritanceOperations, oscalOperations, programmeOperations, reportOperations } from '@safeguard/programme';
import { rightsOperations } from '@safeguard/rights';

/** Where the committed document says that the server is. */
const usualBase = 'https://localhost:8443';

/** Every operation of `/api/v1`, to be described: what the server serves of it a test compares. */
export const described = () => [
  ...onlyDescribed(identityOperations),
  launchDescription,
  ...onlyDescribed(accessOperations),
  ...onlyDescribed(accountingOperations),
  ...onlyDescribed(programmeOperations),
  ...onlyDescribed(reportOperations),
  ...onlyDescribed(inheritanceOperations),
  ...onlyDescribed(oscalOperations),
  ...onlyDescribed(rightsOperations),
];

/** The document as it is committed (`docs/api/openapi.json`). */
export const apiDocument = (base: string = usualBase): string =>
  `${JSON.stringify(documentOf(described(), base), undefined, 2)}\n`;
