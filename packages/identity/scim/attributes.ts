/** One attribute as RFC 7643 7 describes it. What is kept of a resource is what stands in these lists, and no more. */
export interface Attribute {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'complex' | 'reference' | 'dateTime';
  readonly description: string;
  readonly multiValued?: true;
  readonly required?: true;
  readonly caseExact?: true;
  readonly mutability?: 'readOnly' | 'immutable';
  readonly returned?: 'always';
  readonly uniqueness?: 'server';
  readonly subAttributes?: readonly Attribute[];
}

export interface Schema {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly Attribute[];
}

export const userSchema = 'urn:ietf:params:scim:schemas:core:2.0:User';
export const enterpriseSchema = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
export const groupSchema = 'urn:ietf:params:scim:schemas:core:2.0:Group';

const text = (name: string, description: string, more: Partial<Attribute> = {}): Attribute => ({
  name,
  type: 'string',
  description,
  ...more,
});

/** What every resource has (RFC 7643 3.1); not part of a schema's own description. */
export const commonAttributes: readonly Attribute[] = [
  text('id', 'Ours, never reused.', { caseExact: true, mutability: 'readOnly', returned: 'always' }),
  text('externalId', 'The id at the directory.', { caseExact: true }),
  {
    name: 'meta',
    type: 'complex',
    description: 'Of the resource itself.',
    mutability: 'readOnly',
    subAttributes: [
      text('resourceType', 'User or Group.', { caseExact: true, mutability: 'readOnly' }),
      { name: 'created', type: 'dateTime', description: 'When it was made.', mutability: 'readOnly' },
      { name: 'lastModified', type: 'dateTime', description: 'When it last changed.', mutability: 'readOnly' },
      { name: 'location', type: 'reference', description: 'Its address.', mutability: 'readOnly' },
      text('version', 'Its entity tag.', { caseExact: true, mutability: 'readOnly' }),
    ],
  },
];

const name: Attribute = {
  name: 'name',
  type: 'complex',
  description: 'The parts of the name.',
  subAttributes: [
    text('formatted', 'The whole name.'),
    text('familyName', 'Family name.'),
    text('givenName', 'Given name.'),
    text('middleName', 'Middle names.'),
    text('honorificPrefix', 'Title before the name.'),
    text('honorificSuffix', 'Suffix after the name.'),
  ],
};

const emails: Attribute = {
  name: 'emails',
  type: 'complex',
  multiValued: true,
  description: 'Addresses; nothing is sent to them.',
  subAttributes: [
    text('value', 'The address.'),
    text('display', 'As it is shown.'),
    text('type', 'work, home or other.'),
    { name: 'primary', type: 'boolean', description: 'True for one at most.' },
  ],
};

const userGroups: Attribute = {
  name: 'groups',
  type: 'complex',
  multiValued: true,
  mutability: 'readOnly',
  description: 'Groups that the user is a direct member of.',
  subAttributes: [
    text('value', 'Id of the group.', { mutability: 'readOnly' }),
    { name: '$ref', type: 'reference', description: 'Address of the group.', mutability: 'readOnly' },
    text('display', 'Name of the group.', { mutability: 'readOnly' }),
  ],
};

export const user: Schema = {
  id: userSchema,
  name: 'User',
  description: 'A member of the workforce whose account a directory provisions.',
  attributes: [
    text('userName', 'The login: an e-mail address.', { required: true, uniqueness: 'server' }),
    name,
    text('displayName', 'What people call them.'),
    text('title', 'Their position.'),
    text('preferredLanguage', 'RFC 5646.'),
    { name: 'active', type: 'boolean', description: 'False: nothing of the account works.' },
    emails,
    userGroups,
  ],
};

export const enterpriseUser: Schema = {
  id: enterpriseSchema,
  name: 'EnterpriseUser',
  description: 'Where somebody stands in the organization.',
  attributes: [
    text('employeeNumber', 'Number at the employer.'),
    text('organization', 'Organization.'),
    text('division', 'Division.'),
    text('department', 'Department.'),
    {
      name: 'manager',
      type: 'complex',
      description: 'Whom they report to.',
      subAttributes: [text('value', 'Id of the manager.'), text('displayName', 'Name of the manager.')],
    },
  ],
};

export const group: Schema = {
  id: groupSchema,
  name: 'Group',
  description: 'A group of a directory. It gives nothing until an administrator says what.',
  attributes: [
    text('displayName', 'Its name.', { required: true }),
    {
      name: 'members',
      type: 'complex',
      multiValued: true,
      description: 'Users of this service; groups in groups are not taken.',
      subAttributes: [
        text('value', 'Id of the user.', { mutability: 'immutable' }),
        text('display', 'Name of the user.', { mutability: 'immutable' }),
        text('type', 'User.', { mutability: 'immutable' }),
        { name: '$ref', type: 'reference', description: 'Address of the user.', mutability: 'immutable' },
      ],
    },
  ],
};

/** A resource type: its core schema and its extensions. */
export interface Kind {
  readonly core: Schema;
  readonly extensions: readonly Schema[];
  /**
   * Attributes of RFC 7643 that are taken and not kept: we have no use for them (45 CFR 164.502(b)). `roles` and
   * `entitlements` give nothing here; a password is never taken.
   */
  readonly ignored: readonly string[];
}

export const userKind: Kind = {
  core: user,
  extensions: [enterpriseUser],
  ignored: [
    ...['nickname', 'profileurl', 'usertype', 'locale', 'timezone', 'password', 'phonenumbers', 'ims', 'photos'],
    ...['addresses', 'entitlements', 'roles', 'x509certificates', 'costcenter'],
  ],
};
export const groupKind: Kind = { core: group, extensions: [], ignored: [] };

/** The attribute of a name, in any case (RFC 7643 2.1): found in our lists, so what was sent is never itself a key. */
export const attributeNamed = (among: readonly Attribute[], given: string): Attribute | undefined =>
  among.find((one) => one.name.toLowerCase() === given.toLowerCase());
