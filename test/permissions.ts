/**
 * Who may call what, written by hand from the public contract. `permissions.e2e-spec.ts` compares it with the
 * routes of the running server, with the OpenAPI document, with the table of permissions and with real calls;
 * whoever adds a route adds its line here, on purpose.
 */

export const WHO = [
  'nobody',
  'channel',
  'phone_channel',
  'reporter',
  'operator',
  'triage',
  'investigator',
  'area_head',
  'auditor',
  'transparency',
  'admin',
] as const;
export type Who = (typeof WHO)[number];
/** What the access check answers; `ok` is any answer that comes after it. */
export type Verdict = 'ok' | '401' | '403';

/**
 * What a path points to, and so who gets 404 instead:
 * `case`  another institution's case for everybody, another area's for whoever holds single areas;
 * `row`   another institution's row;
 * `own`   anything of anybody else;
 * `-`     nothing in particular.
 */
export type Scope = 'case' | 'row' | 'own' | '-';

export interface Route {
  method: string;
  path: string;
  /** As the document says it in `x-permission`. */
  permission: string;
  scope: Scope;
  verdicts: Record<Who, Verdict>;
}

/** How far the cases of a role reach; absent = it sees none. */
export const REACH: Partial<Record<Who, 'institution' | 'areas'>> = {
  triage: 'institution',
  auditor: 'institution',
  investigator: 'areas',
  area_head: 'areas',
};

/** Pairs of roles that no account holds, whatever third role it has. */
export const APART: readonly (readonly [Who, Who])[] = [
  ['admin', 'triage'],
  ['admin', 'investigator'],
  ['admin', 'area_head'],
  ['admin', 'auditor'],
  ['admin', 'transparency'],
  ['triage', 'investigator'],
  ['triage', 'area_head'],
  ['triage', 'auditor'],
  ['auditor', 'investigator'],
  ['auditor', 'area_head'],
];

const TABLE = `
                                               permission      scope nobody channel phone_channel reporter operator triage investigator area_head auditor transparency admin
POST   /reports                                public          -     ok     ok     ok      403      ok       403    403          403       403     403          403
GET    /channels/whatsapp/webhook              public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
POST   /channels/whatsapp/webhook              public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
POST   /tracking/sessions                      public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
POST   /tracking/external-reference            channel.references -  401    ok      ok     401      401      401    401          401       401     401          401
POST   /tracking/access-code                   reporter        -     401    401     401     ok       401      401    401          401       401     401          401
GET    /tracking/case                          reporter        -     401    401     401     ok       401      401    401          401       401     401          401
POST   /tracking/evidence                      reporter        -     401    401     401     ok       401      401    401          401       401     401          401
POST   /uploads                                reporter        -     401    401     401     ok       401      401    401          401       401     401          401
HEAD   /uploads/{id}                           reporter        own   401    401     401     ok       401      401    401          401       401     401          401
PATCH  /uploads/{id}                           reporter        own   401    401     401     ok       401      401    401          401       401     401          401
DELETE /uploads/{id}                           reporter        own   401    401     401     ok       401      401    401          401       401     401          401
POST   /tracking/messages                      reporter        -     401    401     401     ok       401      401    401          401       401     401          401
POST   /tracking/information-requests/{id}/answer reporter     own   401    401     401     ok       401      401    401          401       401     401          401
GET    /catalogs/phone-script                  phone.calls     -     401    401     401     401      ok       403    403          403       403     403          403
POST   /phone/calls                            phone.calls     -     401    401     401     401      ok       403    403          403       403     403          403
GET    /phone/calls/{number}                   phone.calls     row   401    401     401     401      ok       403    403          403       403     403          403
PUT    /phone/calls/{number}/draft             phone.calls     row   401    401     401     401      ok       403    403          403       403     403          403
POST   /phone/calls/{number}/report            phone.calls     row   401    401     401     401      ok       403    403          403       403     403          403
POST   /phone/calls/{number}/end               phone.calls     row   401    401     401     401      ok       403    403          403       403     403          403
POST   /phone/follow-up                        phone.follow_up -     401    401     401     401      ok       403    403          403       403     403          403
POST   /phone/follow-up/answers                phone.follow_up -     401    401     401     401      ok       403    403          403       403     403          403
POST   /phone/follow-up/messages               phone.follow_up -     401    401     401     401      ok       403    403          403       403     403          403
POST   /phone/follow-up/access-code            phone.follow_up -     401    401     401     401      ok       403    403          403       403     403          403
DELETE /phone/follow-up                        phone.follow_up -     401    401     401     401      ok       403    403          403       403     403          403
POST   /ivr/menu                               channel.ivr     -     401    403     ok     401      401      401    401          401       401     401          401
POST   /ivr/folio                              channel.ivr     -     401    403     ok     401      401      401    401          401       401     401          401
POST   /ivr/reports                            channel.ivr     -     401    403     ok     401      401      401    401          401       401     401          401
POST   /ivr/sessions                           channel.ivr     -     401    403     ok     401      401      401    401          401       401     401          401
POST   /ivr/state                              channel.ivr     -     401    403     ok     401      401      401    401          401       401     401          401
POST   /ivr/messages                           channel.ivr     -     401    403     ok     401      401      401    401          401       401     401          401
POST   /ivr/answers                            channel.ivr     -     401    403     ok     401      401      401    401          401       401     401          401
POST   /ivr/access-code                        channel.ivr     -     401    403     ok     401      401      401    401          401       401     401          401
POST   /auth/sessions                          public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
POST   /auth/token                             public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
POST   /auth/sessions/refresh                  public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
DELETE /auth/sessions/current                  signed-in       -     401    401     401     401      ok       ok     ok           ok        ok      ok           ok
GET    /auth/me                                signed-in       -     401    401     401     401      ok       ok     ok           ok        ok      ok           ok
POST   /auth/password                          signed-in       -     401    401     401     401      ok       ok     ok           ok        ok      ok           ok
GET    /cases                                  cases.read      -     401    401     401     401      403      ok     ok           ok        ok      403          403
GET    /cases/{folio}                          cases.read      case  401    401     401     401      403      ok     ok           ok        ok      403          403
GET    /cases/{folio}/deadlines                cases.read      case  401    401     401     401      403      ok     ok           ok        ok      403          403
GET    /cases/{folio}/audit                    cases.audit     case  401    401     401     401      403      403    403          ok        ok      403          403
GET    /cases/{folio}/assignable               cases.assign    case  401    401     401     401      403      ok     403          ok        403     403          403
POST   /cases/{folio}/triage                   cases.triage    case  401    401     401     401      403      ok     403          403       403     403          403
POST   /cases/{folio}/assignment               cases.assign    case  401    401     401     401      403      ok     403          ok        403     403          403
POST   /cases/{folio}/transfers                cases.transfer  case  401    401     401     401      403      ok     403          ok        403     403          403
POST   /cases/{folio}/investigation            cases.investigate case 401   401     401     401      403      403    ok           ok        403     403          403
POST   /cases/{folio}/information-requests     cases.ask       case  401    401     401     401      403      ok     ok           ok        403     403          403
POST   /cases/{folio}/messages                 cases.write     case  401    401     401     401      403      ok     ok           ok        403     403          403
GET    /cases/{folio}/evidence                 cases.read      case  401    401     401     401      403      ok     ok           ok        ok      403          403
POST   /cases/{folio}/evidence                 cases.write     case  401    401     401     401      403      ok     ok           ok        403     403          403
GET    /cases/{folio}/evidence/{id}            cases.read      case  401    401     401     401      403      ok     ok           ok        ok      403          403
GET    /cases/{folio}/evidence/{id}/original-requests cases.read case 401 401     401 401 403 ok ok ok ok 403 403
POST   /cases/{folio}/evidence/{id}/original-requests cases.write case 401 401     401 401 403 ok ok ok 403 403 403
GET    /cases/{folio}/evidence/{id}/original   cases.write     case  401    401     401     401      403      ok     ok           ok        403     403          403
GET    /cases/{folio}/evidence/{id}/custody    cases.audit     case  401    401     401     401      403      403    403          ok        ok      403          403
POST   /cases/{folio}/evidence/{id}/transcript cases.write     case  401    401     401     401      403      ok     ok           ok        403     403          403
POST   /cases/{folio}/notes                    cases.write     case  401    401     401     401      403      ok     ok           ok        403     403          403
POST   /cases/{folio}/closure                  cases.close     case  401    401     401     401      403      ok     ok           ok        403     403          403
POST   /cases/{folio}/reopening                cases.reopen    case  401    401     401     401      403      403    403          ok        ok      403          403
GET    /notifications                          signed-in       -     401    401     401     401      ok       ok     ok           ok        ok      ok           ok
POST   /notifications/{id}/read                signed-in       own   401    401     401     401      ok       ok     ok           ok        ok      ok           ok
GET    /stats/cases                            stats.read      -     401    401     401     401      403      403    403          ok        ok      ok           403
GET    /stats/sla                              stats.read      -     401    401     401     401      403      403    403          ok        ok      ok           403
POST   /stats/releases                         stats.release   -     401    401     401     401      403      403    403          403       403     ok           403
GET    /admin/institution                      admin.catalogs  -     401    401     401     401      403      403    403          403       403     403          ok
PATCH  /admin/institution                      admin.catalogs  -     401    401     401     401      403      403    403          403       403     403          ok
GET    /admin/areas                            admin.catalogs  -     401    401     401     401      403      403    403          403       403     403          ok
POST   /admin/areas                            admin.catalogs  -     401    401     401     401      403      403    403          403       403     403          ok
PATCH  /admin/areas/{id}                       admin.catalogs  row   401    401     401     401      403      403    403          403       403     403          ok
GET    /admin/categories                       admin.catalogs  -     401    401     401     401      403      403    403          403       403     403          ok
POST   /admin/categories                       admin.catalogs  -     401    401     401     401      403      403    403          403       403     403          ok
PATCH  /admin/categories/{id}                  admin.catalogs  row   401    401     401     401      403      403    403          403       403     403          ok
GET    /admin/calendars                        admin.catalogs  -     401    401     401     401      403      403    403          403       403     403          ok
PATCH  /admin/calendars                        admin.catalogs  -     401    401     401     401      403      403    403          403       403     403          ok
POST   /admin/calendars/closures               admin.catalogs  -     401    401     401     401      403      403    403          403       403     403          ok
DELETE /admin/calendars/closures/{id}          admin.catalogs  row   401    401     401     401      403      403    403          403       403     403          ok
GET    /admin/menu                             admin.menu      -     401    401    401     401      403      403    403          403       403     403          ok
POST   /admin/menu                             admin.menu      -     401    401    401     401      403      403    403          403       403     403          ok
GET    /admin/menu/versions/{version}          admin.menu      -     401    401    401     401      403      403    403          403       403     403          ok
POST   /admin/menu/preview                     admin.menu      -     401    401    401     401      403      403    403          403       403     403          ok
GET    /admin/menu/figures                     admin.menu      -     401    401    401     401      403      403    403          403       403     403          ok
GET    /admin/menu/unanswered                  admin.menu      -     401    401    401     401      403      403    403          403       403     403          ok
DELETE /admin/menu/unanswered/{id}             admin.menu      row   401    401    401     401      403      403    403          403       403     403          ok
GET    /admin/privacy-notices                  admin.catalogs  -     401    401     401     401      403      403    403          403       403     403          ok
POST   /admin/privacy-notices                  admin.catalogs  -     401    401     401     401      403      403    403          403       403     403          ok
GET    /admin/routing-rules                    admin.catalogs  -     401    401     401     401      403      403    403          403       403     403          ok
POST   /admin/routing-rules                    admin.catalogs  -     401    401     401     401      403      403    403          403       403     403          ok
PATCH  /admin/routing-rules/{id}               admin.catalogs  row   401    401     401     401      403      403    403          403       403     403          ok
GET    /admin/sla-terms                        admin.catalogs  -     401    401     401     401      403      403    403          403       403     403          ok
POST   /admin/sla-terms                        admin.catalogs  -     401    401     401     401      403      403    403          403       403     403          ok
PATCH  /admin/sla-terms/{id}                   admin.catalogs  row   401    401     401     401      403      403    403          403       403     403          ok
GET    /admin/accounts                         admin.accounts  -     401    401     401     401      403      403    403          403       403     403          ok
POST   /admin/accounts                         admin.accounts  -     401    401     401     401      403      403    403          403       403     403          ok
PATCH  /admin/accounts/{id}                    admin.accounts  row   401    401     401     401      403      403    403          403       403     403          ok
POST   /admin/accounts/{id}/one-time-password  admin.accounts  row   401    401     401     401      403      403    403          403       403     403          ok
GET    /approvals                              approvals.read  -     401    401     401     401      403      403    403          ok        ok      403          ok
POST   /approvals/{id}/agreement               approvals.decide row  401    401     401     401      403      403    403          ok        ok      403          403
POST   /approvals/{id}/refusal                 approvals.decide row  401    401     401     401      403      403    403          ok        ok      403          403
GET    /audit                                  audit.read      -     401    401     401     401      403      403    403          403       ok      403          403
GET    /admin/channels                         admin.channels  -     401    401     401     401      403      403    403          403       403     403          ok
POST   /admin/channels                         admin.channels  -     401    401     401     401      403      403    403          403       403     403          ok
DELETE /admin/channels/{id}                    admin.channels  row   401    401     401     401      403      403    403          403       403     403          ok
GET    /admin/whatsapp-numbers                 admin.channels  -     401    401    401     401      403      403    403          403       403     403          ok
POST   /admin/whatsapp-numbers                 admin.channels  -     401    401    401     401      403      403    403          403       403     403          ok
PATCH  /admin/whatsapp-numbers/{id}            admin.channels  row   401    401    401     401      403      403    403          403       403     403          ok
POST   /admin/whatsapp-numbers/{id}/check      admin.channels  row   401    401    401     401      403      403    403          403       403     403          ok
GET    /public/institutions                    public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
GET    /public/privacy-notice                  public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
GET    /public/catalogs/areas                  public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
GET    /public/catalogs/categories             public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
GET    /public/catalogs/channels               public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
GET    /public/catalogs/faults                 public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
GET    /public/catalogs/municipalities         public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
GET    /public/catalogs/entries                public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
GET    /public/catalogs/events                 public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
GET    /public/catalogs/metrics                public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
GET    /public/catalogs/modes                  public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
GET    /public/catalogs/moves                  public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
GET    /public/catalogs/outcomes               public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
GET    /public/catalogs/priorities               public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
GET    /public/catalogs/roles                  public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
GET    /public/catalogs/statuses               public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
GET    /public/stats/plan                      public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
GET    /public/stats/releases                  public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
GET    /public/stats/reports                   public          -     ok     ok     ok      ok       ok       ok     ok           ok        ok      ok           ok
`;

/**
 * Outside of the prefix and of the document: probes, metrics (with a token of its own), the document itself.
 */
export const UNPREFIXED = [
  '/',
  '/docs',
  '/docs/{file}',
  '/health/live',
  '/health/ready',
  '/metrics',
  '/openapi.json',
  '/openapi.yaml',
];

export const ROUTES: Route[] = TABLE.trim()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [method, path, permission, scope, ...verdicts] = line.split(/\s+/);
    if (verdicts.length !== WHO.length) throw new Error(`a line of the table has gaps: ${line}`);
    return {
      method: method!,
      path: path!,
      permission: permission!,
      scope: scope as Scope,
      verdicts: Object.fromEntries(WHO.map((who, i) => [who, verdicts[i]])) as Record<Who, Verdict>,
    };
  });
