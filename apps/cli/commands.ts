import type { Command } from './command.ts';
import { accessBreakGlass, accessExplain, accessReviews, accessWhoCanSee } from './commands/access-answers.ts';
import { accessHolds, accessRelease } from './commands/access-holds.ts';
import { accessPolicyCheck, accessPolicyList, accessPolicyShow, accessRoles } from './commands/access-policy.ts';
import { accessApprove, accessEnd, accessGrants, accessReject, accessRequests } from './commands/access-requests.ts';
import { applicationApprove, applicationList, applicationReject, applicationShow } from './commands/application.ts';
import { clientCreate, clientList, clientRevoke, clientRotate, clientShow } from './commands/client.ts';
import { controls, controlsChecks, controlsParameters, controlsRun, controlsShow } from './commands/controls.ts';
import { demo } from './commands/demo.ts';
import { fhirLoad } from './commands/fhir.ts';
import { help } from './commands/help.ts';
import { keysRotate } from './commands/keys.ts';
import { ledgerVerify } from './commands/ledger.ts';
import { load } from './commands/load.ts';
import { patientDestroy } from './commands/patient.ts';
import { decisionsDefaults, policies, policiesAdopt, policiesSubmit, tasks, tasksDecide } from './commands/policies.ts';
import { reportAudit, reportBundle, reportCompare, reportInheritance, reportList } from './commands/report.ts';
import { searchReindex, searchStatus } from './commands/search.ts';
import { tenantCreate, tenantList, tenantSet } from './commands/tenant.ts';
import { token } from './commands/token.ts';
import { createUp } from './commands/up.ts';
import { userCreate, userLink, userList, userResume, userShow, userSuspend, userTerminate } from './commands/user.ts';
import { verifyBundleCommand } from './commands/verify-bundle.ts';
import { version } from './commands/version.ts';

/** Every command, in the order in which the help names them. */
export const commands: readonly Command[] = [
  createUp(),
  demo,
  load,
  fhirLoad,
  clientCreate,
  clientList,
  clientShow,
  clientRotate,
  clientRevoke,
  token,
  applicationList,
  applicationShow,
  applicationApprove,
  applicationReject,
  userCreate,
  userList,
  userShow,
  userSuspend,
  userResume,
  userTerminate,
  userLink,
  accessRequests,
  accessApprove,
  accessReject,
  accessGrants,
  accessEnd,
  accessHolds,
  accessRelease,
  accessRoles,
  accessPolicyShow,
  accessPolicyCheck,
  accessPolicyList,
  accessExplain,
  accessWhoCanSee,
  accessBreakGlass,
  accessReviews,
  tenantCreate,
  tenantList,
  tenantSet,
  controls,
  controlsShow,
  controlsRun,
  controlsChecks,
  controlsParameters,
  policies,
  policiesAdopt,
  policiesSubmit,
  decisionsDefaults,
  tasks,
  tasksDecide,
  reportAudit,
  reportBundle,
  reportList,
  reportInheritance,
  reportCompare,
  verifyBundleCommand,
  searchReindex,
  searchStatus,
  ledgerVerify,
  keysRotate,
  patientDestroy,
  version,
  help,
];
